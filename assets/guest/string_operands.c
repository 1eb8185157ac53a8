/* string_operands.c: access to the arrays of the module _string_arrays. */
#include "string_operands.h"

PyObject *string_na;

int string_view(PyObject *array, Py_buffer *view, Py_ssize_t size, int object, int flags) {
    if (PyObject_GetBuffer(array, view, flags | PyBUF_STRIDES | PyBUF_FORMAT) < 0) return -1;
    if (view->ndim == 1 && view->itemsize == size && object == (strcmp(view->format, "O") == 0)) return 0;
    PyBuffer_Release(view);
    PyErr_SetString(PyExc_TypeError, "the array has another shape or type");
    return -1;
}

int string_operand(PyObject *x, operand *o) {
    *o = (operand){.one = x, .n = -1};
    o->at = (const char *)&o->one;
    if (PyUnicode_CheckExact(x)) return 0;
    if (string_view(x, &o->view, sizeof(PyObject *), 1, 0) < 0) return -1;
    o->at = o->view.buf;
    o->n = o->view.shape[0];
    o->step = o->view.strides[0];
    return 0;
}

/* Opens a contiguous array of n items for writing. */
int string_result(PyObject *x, Py_buffer *view, Py_ssize_t size, int object, Py_ssize_t n) {
    if (string_view(x, view, size, object, PyBUF_WRITABLE) < 0) return -1;
    if (view->shape[0] == n && (n < 2 || view->strides[0] == size)) return 0;
    PyBuffer_Release(view);
    PyErr_SetString(PyExc_ValueError, "the result has another length or step");
    return -1;
}

PyObject *string_answer(Py_ssize_t n) {
    if (n == -2) {
        if (!PyErr_ExceptionMatches(PyExc_TypeError) && !PyErr_ExceptionMatches(PyExc_AttributeError)) return NULL;
        PyErr_Clear();
    }
    return PyLong_FromSsize_t(n < 0 ? -1 : n);
}
