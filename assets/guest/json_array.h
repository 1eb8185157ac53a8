/* json_array.h: numpy arrays. */
#pragma once
#include "json_writer.h"

/* Writes v if it is a numpy array of plain numbers. Returns 1 if it was written, 0 if v is
 * something else, -1 with an exception set on failure. */
int write_array(writer *w, PyObject *v);

/* Gets the buffer of v if it is a one-dimensional numpy array of objects. Returns 1 if it is, 0 if v
 * is something else. */
int open_objects(PyObject *v, Py_buffer *b);
