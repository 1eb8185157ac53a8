/* json_array.c: numeric numpy arrays, written directly from their memory. To create a Python object
 * for each value would take ten times as long. */
#include "json_array.h"
#include "json_text.h"

/* Returns numpy.ndarray (borrowed; the image holds it), or NULL if numpy is not loaded. */
static PyTypeObject *array_type(void) {
    static PyTypeObject *type;
    if (!type) {
        PyObject *numpy = PyImport_GetModule(PyUnicode_InternFromString("numpy"));
        type = numpy ? (PyTypeObject *)PyObject_GetAttrString(numpy, "ndarray") : NULL;
        Py_XDECREF(numpy);
        PyErr_Clear();
    }
    return type;
}

static int write_signed(writer *w, long long v) {
    if (writer_room(w, 32) < 0) return -1;
    w->len += format_i64(w->data + w->len, v);
    return 0;
}

static int write_unsigned(writer *w, unsigned long long v) {
    if (writer_room(w, 32) < 0) return -1;
    w->len += format_u64(w->data + w->len, v);
    return 0;
}

#define AS(type) (*(const type *)p)

/* Writes one element of a buffer. write_array admits only these formats. */
static int write_element(writer *w, char format, const char *p) {
    switch (format) {
    case 'd': return write_double(w, AS(double));
    case 'f': return write_double(w, AS(float));
    case '?': return AS(char) ? writer_put(w, "true", 4) : writer_put(w, "false", 5);
    case 'b': return write_signed(w, AS(signed char));
    case 'h': return write_signed(w, AS(short));
    case 'i': return write_signed(w, AS(int));
    case 'l': return write_signed(w, AS(long));
    case 'q': return write_signed(w, AS(long long));
    case 'B': return write_unsigned(w, AS(unsigned char));
    case 'H': return write_unsigned(w, AS(unsigned short));
    case 'I': return write_unsigned(w, AS(unsigned int));
    case 'L': return write_unsigned(w, AS(unsigned long));
    default: return write_unsigned(w, AS(unsigned long long));
    }
}

static int write_axis(writer *w, const Py_buffer *b, int axis, const char *p) {
    if (axis == b->ndim) return write_element(w, b->format[0], p);
    if (writer_byte(w, '[') < 0) return -1;
    for (Py_ssize_t i = 0; i < b->shape[axis]; i++, p += b->strides[axis]) {
        if (i && writer_separator(w, ',') < 0) return -1;
        if ((i & 0xfff) == 0xfff && PyErr_CheckSignals() < 0) return -1;
        if (write_axis(w, b, axis + 1, p) < 0) return -1;
    }
    return writer_byte(w, ']');
}

int write_array(writer *w, PyObject *v) {
    Py_buffer b;
    if (Py_TYPE(v) != array_type()) return 0;
    /* arrays of dates, for example, have no buffer */
    if (PyObject_GetBuffer(v, &b, PyBUF_FULL_RO) < 0) {
        PyErr_Clear();
        return 0;
    }
    int numeric = b.format && b.format[0] && !b.format[1] && strchr("df?bhilqBHILQ", b.format[0]);
    int r = numeric ? write_axis(w, &b, 0, b.buf) : 0;
    PyBuffer_Release(&b);
    return r < 0 ? -1 : numeric != 0;
}

int open_objects(PyObject *v, Py_buffer *b) {
    if (Py_TYPE(v) != array_type()) return 0;
    if (PyObject_GetBuffer(v, b, PyBUF_FULL_RO) < 0) {
        PyErr_Clear();
        return 0;
    }
    if (b->ndim == 1 && b->format && !strcmp(b->format, "O")) return 1;
    PyBuffer_Release(b);
    return 0;
}
