/* string_integers.c: the decimal digits of arrays of integers, for astype(str). pandas makes an int
 * of each number, and calls its __format__. */
#include "string_operands.h"

/* u / 10; wasm has no multiplication of 64 bits with the upper half of the product. */
static inline uint64_t tenth(uint64_t u) { return u <= UINT32_MAX ? u * 0xcccccccd >> 35 : u / 10; }

/* Returns str(x), a new reference. */
static PyObject *text_of(int64_t x) {
    char digits[20], *const end = digits + sizeof digits, *p = end; /* INT64_MIN has 19 and a sign */
    uint64_t u = x < 0 ? -(uint64_t)x : (uint64_t)x, rest;
    do {
        rest = tenth(u);
        *--p = (char)('0' + (u - 10 * rest));
    } while ((u = rest) != 0);
    if (x < 0) *--p = '-';
    if (end - p == 1) return PyUnicode_FromOrdinal(*p); /* which is shared */
    PyObject *r = PyUnicode_New(end - p, 127);
    if (r) memcpy(PyUnicode_DATA(r), p, (size_t)(end - p));
    return r;
}

/* Texts of recent numbers: a column often holds a number many times. */
typedef struct {
    int64_t x;
    PyObject *text; /* alive while the result is, or NULL */
} recent;
enum { RECENT = 256 };

PyObject *string_integers(PyObject *self, PyObject *args) {
    PyObject *values, *result;
    Py_buffer in, out;
    if (!PyArg_ParseTuple(args, "OO", &values, &result) || string_view(values, &in, sizeof(int64_t), 0, 0) < 0) return NULL;
    Py_ssize_t n = in.shape[0];
    if (string_result(result, &out, sizeof(PyObject *), 1, n) == 0) {
        recent seen[RECENT] = {{0}};
        const char *at = in.buf;
        for (Py_ssize_t i = 0; i < n; i++, at += in.strides[0]) {
            int64_t x;
            memcpy(&x, at, sizeof x);
            recent *s = &seen[(uint64_t)x % RECENT];
            PyObject *r = s->text && s->x == x ? Py_NewRef(s->text) : text_of(x);
            if (!r) break;
            *s = (recent){x, r};
            Py_XSETREF(((PyObject **)out.buf)[i], r);
        }
        PyBuffer_Release(&out);
    }
    PyBuffer_Release(&in);
    if (PyErr_Occurred()) return NULL;
    Py_RETURN_NONE;
}
