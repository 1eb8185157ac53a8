/* arrow_module.c: the module _arrow. */
#include "arrow_python.h"

static PyObject *set_error(PyObject *self, PyObject *type) {
    Py_XSETREF(arrow_error, Py_NewRef(type));
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"read", arrow_read, METH_O, "read(stream) -> (metadata, fields, items)"},
    {"texts", arrow_texts, METH_VARARGS, "texts(out, mask, null, text, offsets, width, data): stores strings or bytes"},
    {"views", arrow_views, METH_VARARGS, "views(out, mask, null, text, views, data): stores strings or bytes"},
    {"check", arrow_check, METH_VARARGS, "check(offsets, width, data, n) -> whether the strings are UTF-8"},
    {"encode", arrow_encode, METH_VARARGS, "encode(values, mask, text, wide) -> (offsets, data)"},
    {"rebase", arrow_rebase, METH_VARARGS, "rebase(offsets, width, first, last) -> offsets of 8 bytes that begin at 0"},
    {"set_error", set_error, METH_O, "set_error(type): the exception for invalid streams"},
    {0},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_arrow", "Tables as Arrow IPC streams.", -1, methods, NULL, NULL, NULL, NULL};

PyObject *tabcell_arrow_module(void) { return PyModule_Create(&definition); }
