/* string_pairs.c: comparisons and sums of two arrays of strings, or of an array and one string. */
#include "string_operands.h"
#include "string_text.h"

static int equal(PyObject *x, PyObject *y) {
    Py_ssize_t n = PyUnicode_GET_LENGTH(x);
    unsigned kind = PyUnicode_KIND(x);
    return x == y || (n == PyUnicode_GET_LENGTH(y) && kind == PyUnicode_KIND(y) && string_same(string_bytes(x), string_bytes(y), (size_t)n * kind));
}

static uint8_t compared(PyObject *x, PyObject *y, int op) {
    if (op == Py_EQ || op == Py_NE) return (uint8_t)(equal(x, y) == (op == Py_EQ));
    int c = PyUnicode_Compare(x, y);
    switch (op) {
    case Py_LT: return c < 0;
    case Py_LE: return c <= 0;
    case Py_GT: return c > 0;
    default: return c >= 0;
    }
}

static PyObject *joined(PyObject *x, PyObject *y) {
    Py_ssize_t n = PyUnicode_GET_LENGTH(x), m = PyUnicode_GET_LENGTH(y);
    if (n == 0 || m == 0 || n + m > 256 || !PyUnicode_IS_ASCII(x) || !PyUnicode_IS_ASCII(y)) return PyUnicode_Concat(x, y);
    uint8_t *to;
    PyObject *r = string_ascii(n + m, &to);
    if (!r) return NULL;
    string_copy(to, string_bytes(x), (size_t)n);
    string_copy(to + n, string_bytes(y), (size_t)m);
    return r;
}

/* Compares (op is Py_LT to Py_GE) or joins (op is -1) pairs of strings; as make_all. */
static Py_ssize_t pair_all(operand *left, operand *right, int op, Py_ssize_t n, uint8_t *mask, void *out, PyObject *fill) {
    Py_ssize_t missing = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *x = next(left), *y = next(right), *r;
        int a = sort_of(x, 0), b = sort_of(y, 0);
        if (a < 0 || b < 0) return -1;
        mask[i] = (uint8_t)(a | b);
        missing += a | b;
        if (op >= 0) {
            ((uint8_t *)out)[i] = a | b ? 0 : compared(x, y, op);
            continue;
        }
        if (!(r = a | b ? Py_NewRef(fill) : joined(x, y))) return -2;
        Py_XSETREF(((PyObject **)out)[i], r);
    }
    return missing;
}

/* pairs(op, left, right, mask, result, missing): the results of op for strings of two arrays, or of
 * an array and one string. op is "<", "<=", "==", "!=", ">", ">=" or "+". */
PyObject *string_pairs(PyObject *self, PyObject *args) {
    static const char *const names[] = {"<", "<=", "==", "!=", ">", ">="}; /* in the order of Py_LT to Py_GE */
    PyObject *x, *y, *masks, *result, *fill, *r = NULL;
    const char *name;
    if (!PyArg_ParseTuple(args, "sOOOOO", &name, &x, &y, &masks, &result, &fill)) return NULL;
    int op = 5;
    while (op >= 0 && strcmp(names[op], name)) op--;
    operand left, right;
    Py_buffer mask, out;
    if (string_operand(x, &left) < 0) return NULL;
    if (string_operand(y, &right) == 0) {
        Py_ssize_t n = left.n < 0 ? right.n : left.n;
        if (n < 0 || (right.n >= 0 && right.n != n))
            PyErr_SetString(PyExc_ValueError, "the arrays have different lengths");
        else if (string_result(masks, &mask, 1, 0, n) == 0) {
            if (string_result(result, &out, op < 0 ? sizeof(PyObject *) : 1, op < 0, n) == 0) {
                r = string_answer(pair_all(&left, &right, op, n, mask.buf, out.buf, fill));
                PyBuffer_Release(&out);
            }
            PyBuffer_Release(&mask);
        }
        PyBuffer_Release(&right.view);
    }
    PyBuffer_Release(&left.view);
    return r;
}
