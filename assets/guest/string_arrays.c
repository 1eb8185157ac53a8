/* string_arrays.c: the module _string_arrays: methods, comparisons and sums of object arrays of
 * strings, without a call of Python code for each string. pandas uses it (patches/pandas-python).
 * Arrays are one-dimensional buffers. An array with another object than an exact str or a missing
 * value is not handled: the functions return -1, and pandas goes its own way. */
#include "string_operands.h"

static const string_method *find_method(const string_method *m, const char *name) {
    while (m->name && strcmp(m->name, name)) m++;
    return m->name ? m : NULL;
}

/* Converts the arguments by the format of the method: strings and objects to text, numbers to
 * number, each in its order. */
static int convert_args(const string_method *m, string_args *a) {
    int texts = 0, numbers = 0;
    void *to[4] = {0};
    for (const char *f = m->format; *f; f++)
        if (*f != '|') to[texts + numbers] = *f == 'n' ? (void *)&a->number[numbers] : (void *)&a->text[texts], *f == 'n' ? numbers++ : texts++;
    if (!PyArg_ParseTuple(a->args, m->format, to[0], to[1], to[2], to[3])) return -1;
    if (m->format[0] == 'n' && texts && PyUnicode_GET_LENGTH(a->text[0]) != 1) return -1; /* a fill character */
    if (m->format[0] == '|' && a->text[0]) {
        if (!PyUnicode_IS_ASCII(a->text[0])) return -1;
        for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(a->text[0]); i++) {
            unsigned c = string_bytes(a->text[0])[i];
            a->set[c >> 6] |= (uint64_t)1 << (c & 63);
        }
    }
    return 0;
}

/* Results of recent strings, found by their address: columns often hold one object many times. */
typedef struct {
    PyObject *x, *result; /* both are alive while the arrays are */
} recent;
enum { RECENT = 64 };

static Py_ssize_t make_all(const string_method *m, const string_args *a, operand *in, uint8_t *mask, PyObject **out, int none) {
    recent seen[RECENT] = {{0}};
    Py_ssize_t missing = 0;
    for (Py_ssize_t i = 0; i < in->n; i++) {
        PyObject *x = next(in), *r;
        int sort = sort_of(x, none);
        if (sort < 0) return -1;
        mask[i] = (uint8_t)sort;
        missing += sort;
        recent *s = &seen[(uintptr_t)x / 16 % RECENT];
        if (sort == 1)
            r = Py_NewRef(a->missing);
        else if (s->x == x)
            r = Py_NewRef(s->result);
        else if (!(r = m->make(x, a)))
            return -2;
        else
            *s = (recent){x, r};
        Py_XSETREF(out[i], r);
    }
    return missing;
}

static Py_ssize_t count_all(const string_method *m, const string_args *a, operand *in, uint8_t *mask, void *out, int none) {
    Py_ssize_t missing = 0;
    int64_t r = 0;
    for (Py_ssize_t i = 0; i < in->n; i++, r = 0) {
        PyObject *x = next(in);
        int sort = sort_of(x, none);
        if (sort < 0) return -1;
        mask[i] = (uint8_t)sort;
        missing += sort;
        if (sort == 0 && (r = m->count(x, a)) == STRING_ERROR) return -2;
        if (m->result == '?')
            ((uint8_t *)out)[i] = (uint8_t)r;
        else
            ((int64_t *)out)[i] = r;
    }
    return missing;
}

/* map(name, args, values, mask, result, missing, none) applies a method to each string of values. It
 * writes the results, 1 to mask for each missing value, and missing (or 0) to its place in result.
 * None is a missing value if none is true. Returns the number of missing values. */
static PyObject *map(PyObject *self, PyObject *args) {
    PyObject *values, *masks, *result;
    string_args a = {0};
    int none;
    if (!PyArg_ParseTuple(args, "UO!OOOOp", &a.name, &PyTuple_Type, &a.args, &values, &masks, &result, &a.missing, &none)) return NULL;
    const char *name = PyUnicode_AsUTF8(a.name);
    const string_method *m = find_method(string_makers, name);
    if (!m) m = find_method(string_counters, name);
    if (!m) return PyErr_Format(PyExc_ValueError, "unknown method %s", name);
    if (convert_args(m, &a) < 0) {
        PyErr_Clear();
        return string_answer(-1);
    }
    operand in;
    Py_buffer mask, out;
    PyObject *r = NULL;
    if (PyUnicode_Check(values) || string_operand(values, &in) < 0) return NULL;
    if (string_result(masks, &mask, 1, 0, in.n) == 0) {
        if (string_result(result, &out, m->make ? sizeof(PyObject *) : m->result == '?' ? 1 : 8, m->make != NULL, in.n) == 0) {
            r = string_answer(m->make ? make_all(m, &a, &in, mask.buf, out.buf, none) : count_all(m, &a, &in, mask.buf, out.buf, none));
            PyBuffer_Release(&out);
        }
        PyBuffer_Release(&mask);
    }
    PyBuffer_Release(&in.view);
    return r;
}

/* missing(values, mask, none) writes 1 to mask for each missing value, and returns their number. A
 * mask of None is not written. */
static PyObject *missing(PyObject *self, PyObject *args) {
    PyObject *values, *masks;
    int none;
    operand in;
    Py_buffer mask = {0};
    if (!PyArg_ParseTuple(args, "OOp", &values, &masks, &none) || PyUnicode_Check(values) || string_operand(values, &in) < 0) return NULL;
    Py_ssize_t n = -2;
    if (masks == Py_None || string_result(masks, &mask, 1, 0, in.n) == 0) {
        uint8_t *to = mask.buf;
        n = 0;
        for (Py_ssize_t i = 0; i < in.n && n >= 0; i++) {
            int sort = sort_of(next(&in), none);
            if (to && sort >= 0) to[i] = (uint8_t)sort;
            n = sort < 0 ? -1 : n + sort;
        }
        PyBuffer_Release(&mask);
    }
    PyBuffer_Release(&in.view);
    return n == -2 ? NULL : string_answer(n);
}

static PyObject *register_na(PyObject *self, PyObject *na) {
    Py_XSETREF(string_na, Py_NewRef(na));
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"map", map, METH_VARARGS, "map(name, args, values, mask, result, missing, none) -> number of missing values, or -1"},
    {"pairs", string_pairs, METH_VARARGS, "pairs(op, left, right, mask, result, missing) -> number of missing values, or -1"},
    {"integers", string_integers, METH_VARARGS, "integers(values, result): the decimal digits of an int64 array"},
    {"missing", missing, METH_VARARGS, "missing(values, mask, none) -> number of missing values, or -1"},
    {"register", register_na, METH_O, "register(NA): the object is a missing value"},
    {0},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_string_arrays", "Object arrays of strings.", -1, methods, NULL, NULL, NULL, NULL};

PyObject *tabcell_string_arrays_module(void) { return PyModule_Create(&definition); }
