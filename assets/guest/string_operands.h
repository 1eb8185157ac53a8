/* string_operands.h: the arrays of the module _string_arrays. */
#pragma once
#include "string_arrays.h"
#include <math.h>

extern PyObject *string_na; /* pandas.NA, owned; NULL before register */

/* An operand: an array of objects, or one object (step 0). */
typedef struct {
    Py_buffer view;
    PyObject *one;
    const char *at;
    Py_ssize_t n, step;
} operand;

/* These return -1 with an exception set if the array has another shape or type. */
int string_view(PyObject *array, Py_buffer *view, Py_ssize_t size, int object, int flags); /* one dimension; of objects if object is set */
int string_operand(PyObject *x, operand *o); /* an exact str, or an array of objects */
int string_result(PyObject *x, Py_buffer *view, Py_ssize_t size, int object, Py_ssize_t n); /* n contiguous items, for writing */

/* Gives n, the number of missing values, to Python: -1 if an object is not handled; -2 if an
 * exception is set. pandas treats a TypeError or an AttributeError in its own way. */
PyObject *string_answer(Py_ssize_t n);

/* string_pairs.c */
PyObject *string_pairs(PyObject *self, PyObject *args);

/* string_integers.c: integers(values, result) writes the decimal digits of each int64 of values. */
PyObject *string_integers(PyObject *self, PyObject *args);

static inline PyObject *next(operand *o) {
    PyObject *x = *(PyObject *const *)o->at;
    o->at += o->step;
    return x ? x : Py_None; /* an empty item of numpy's is None */
}

static inline int is_missing(PyObject *x, int none) {
    return (PyFloat_CheckExact(x) && isnan(PyFloat_AS_DOUBLE(x))) || x == string_na || (none && x == Py_None);
}

/* 0: an exact string, 1: a missing value, -1: another object */
static inline int sort_of(PyObject *x, int none) { return PyUnicode_CheckExact(x) ? 0 : is_missing(x, none) ? 1 : -1; }
