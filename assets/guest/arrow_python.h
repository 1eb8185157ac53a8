/* arrow_python.h: the functions of the module _arrow; see arrow.h. */
#pragma once
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "arrow.h"

/* The exception for streams that are not valid, ArrowInvalid of tabcell_guest.table_errors. */
extern PyObject *arrow_error;

/* Buffers of an array of strings or bytes. */
typedef struct {
    Py_buffer out;  /* object array that gets the values */
    Py_buffer mask; /* a byte for each value, 1 for a null; .buf is NULL if there is none */
    PyObject *null; /* the object for nulls, borrowed */
    Py_ssize_t n;
    int text; /* values are str, not bytes */
} arrow_texts_out;

/* Returns an offset of 4 or 8 bytes. */
int64_t arrow_offset(const Py_buffer *offsets, int width, Py_ssize_t i);

/* Get the buffers of out and mask, and release them. access is PyBUF_WRITABLE, or 0 to read out. */
int arrow_open_texts(arrow_texts_out *t, PyObject *out, PyObject *mask, int access);
void arrow_close_texts(arrow_texts_out *t);

PyObject *arrow_read(PyObject *self, PyObject *source);  /* arrow_read.c */
PyObject *arrow_texts(PyObject *self, PyObject *args);   /* arrow_texts.c */
PyObject *arrow_views(PyObject *self, PyObject *args);   /* arrow_texts.c */
PyObject *arrow_check(PyObject *self, PyObject *args);   /* arrow_check.c */
PyObject *arrow_encode(PyObject *self, PyObject *args);  /* arrow_write.c */
PyObject *arrow_rebase(PyObject *self, PyObject *args);  /* arrow_write.c */
