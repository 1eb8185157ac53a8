/* fs_python.c: dup and dup2 for Python. The C library has neither, so posixmodule.c has not. */
#include "bridge.h"
#include "fs.h"
#include <errno.h>

static PyObject *descriptor(int e, int fd) {
    errno = e;
    return e ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLong(fd);
}

PyObject *tabcell_dup(PyObject *self, PyObject *args) {
    int fd, copy = -1;
    if (!PyArg_ParseTuple(args, "i", &fd)) return NULL;
    int e = fs_dup(fd, &copy);
    return descriptor(e, copy);
}

PyObject *tabcell_dup2(PyObject *self, PyObject *args) {
    int fd, copy;
    if (!PyArg_ParseTuple(args, "ii", &fd, &copy)) return NULL;
    return descriptor(fs_dup2(fd, copy), copy);
}
