/* arrow_write.c: the buffers of an array of strings or bytes. */
#include "arrow_python.h"
#include "string_arrays.h"

/* The values of an object array, without those that are missing. */
typedef struct {
    arrow_texts_out in;
    int text, wide;
} source;

/* Returns the bytes of a value, or NULL with an exception set if it has another type. */
static const char *bytes_of(PyObject *o, int text, Py_ssize_t *n) {
    if (text && o && PyUnicode_Check(o)) {
        if (PyUnicode_IS_COMPACT_ASCII(o)) {
            *n = PyUnicode_GET_LENGTH(o);
            return (const char *)PyUnicode_1BYTE_DATA(o);
        }
        return PyUnicode_AsUTF8AndSize(o, n);
    }
    if (!text && o && PyBytes_Check(o)) {
        *n = PyBytes_GET_SIZE(o);
        return PyBytes_AS_STRING(o);
    }
    PyErr_Format(PyExc_TypeError, "expected %s, got a '%.100s' object", text ? "str" : "bytes", o ? Py_TYPE(o)->tp_name : "NULL");
    return NULL;
}

static int missing_at(const source *s, Py_ssize_t i) { return s->in.mask.buf && ((const uint8_t *)s->in.mask.buf)[i]; }

static void put_offset(const source *s, char *to, Py_ssize_t i, int64_t offset) {
    int32_t narrow = (int32_t)offset;
    if (s->wide) memcpy(to + 8 * i, &offset, 8);
    else memcpy(to + 4 * i, &narrow, 4);
}

/* Writes the offsets and returns the size of the data, or -1 with an exception set. */
static int64_t put_offsets(const source *s, char *to) {
    int64_t sum = 0;
    Py_ssize_t n;
    put_offset(s, to, 0, 0);
    for (Py_ssize_t i = 0; i < s->in.n; i++) {
        if ((i & 0xfff) == 0xfff && PyErr_CheckSignals() < 0) return -1;
        if (!missing_at(s, i)) {
            if (!bytes_of(((PyObject **)s->in.out.buf)[i], s->text, &n)) return -1;
            sum += n;
        }
        if (sum > INT32_MAX) { /* also the limit of a buffer in a cell */
            PyErr_SetString(PyExc_MemoryError, "the texts of a batch have more than 2 GiB");
            return -1;
        }
        put_offset(s, to, i + 1, sum);
    }
    return sum;
}

/* Copies short values without memcpy, which is a call into the engine. */
static void copy(char *to, const char *from, Py_ssize_t n) {
    uint64_t u;
    Py_ssize_t i = 0;
    if (n > 64) {
        memcpy(to, from, (size_t)n);
        return;
    }
    for (; i + 8 <= n; i += 8) {
        memcpy(&u, from + i, 8);
        memcpy(to + i, &u, 8);
    }
    for (; i < n; i++) to[i] = from[i];
}

static void put_data(const source *s, char *to) {
    Py_ssize_t n;
    for (Py_ssize_t i = 0; i < s->in.n; i++) {
        if (missing_at(s, i)) continue;
        const char *from = bytes_of(((PyObject **)s->in.out.buf)[i], s->text, &n); /* has succeeded before */
        copy(to, from, n);
        to += n;
    }
}

static PyObject *encode(const source *s) {
    PyObject *offsets = PyByteArray_FromStringAndSize(NULL, (s->in.n + 1) * (s->wide ? 8 : 4)), *data = NULL, *pair = NULL;
    int64_t size = offsets ? put_offsets(s, PyByteArray_AS_STRING(offsets)) : -1;
    if (size >= 0) data = PyByteArray_FromStringAndSize(NULL, (Py_ssize_t)size);
    if (data) {
        put_data(s, PyByteArray_AS_STRING(data));
        pair = PyTuple_Pack(2, offsets, data);
    }
    Py_XDECREF(offsets);
    Py_XDECREF(data);
    return pair;
}

/* rebase(offsets, width, first, last) returns the offsets from first to last, of 4 or 8 bytes, with 8
 * bytes each, less the first of them. */
PyObject *arrow_rebase(PyObject *self, PyObject *args) {
    Py_buffer offsets;
    int width;
    Py_ssize_t first, last;
    PyObject *out = NULL;
    if (!PyArg_ParseTuple(args, "y*inn", &offsets, &width, &first, &last)) return NULL;
    if ((width != 4 && width != 8) || first < 0 || last < first || offsets.len / width <= last) PyErr_SetString(arrow_error, "the offsets of strings are too few");
    else if (last - first >= INT32_MAX / 8 - 1) PyErr_NoMemory();
    else out = PyByteArray_FromStringAndSize(NULL, 8 * (last - first + 1));
    if (out) {
        char *to = PyByteArray_AS_STRING(out);
        int64_t base = arrow_offset(&offsets, width, first);
        for (Py_ssize_t i = first; i <= last; i++, to += 8) {
            int64_t offset = arrow_offset(&offsets, width, i) - base;
            memcpy(to, &offset, 8);
        }
    }
    PyBuffer_Release(&offsets);
    return out;
}

/* encode(values, mask, text, wide) returns the offsets and the data of an object array of str (if
 * text is true) or bytes. Values whose byte in the mask is 1 are empty. Offsets have 8 bytes if
 * wide is true, otherwise 4. */
PyObject *arrow_encode(PyObject *self, PyObject *args) {
    PyObject *values, *mask, *pair = NULL;
    source s = {0};
    if (!PyArg_ParseTuple(args, "OOpp", &values, &mask, &s.text, &s.wide) || arrow_open_texts(&s.in, values, mask, 0) < 0) return NULL;
    if (s.in.n < INT32_MAX / 8) pair = encode(&s);
    else PyErr_NoMemory();
    arrow_close_texts(&s.in);
    return pair;
}
