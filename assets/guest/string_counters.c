/* string_counters.c: methods of strings that give numbers and truth values. ASCII strings are handled
 * here; for others the functions of CPython are called. */
#include "string_arrays.h"

PyObject *string_call(PyObject *x, const string_args *a) {
    PyObject *stack[5] = {x};
    Py_ssize_t n = PyTuple_GET_SIZE(a->args);
    if (n > 4) return PyErr_Format(PyExc_TypeError, "too many arguments");
    for (Py_ssize_t i = 0; i < n; i++) stack[i + 1] = PyTuple_GET_ITEM(a->args, i);
    return PyObject_VectorcallMethod(a->name, stack, (size_t)(n + 1), NULL);
}

static int64_t call_test(PyObject *x, const string_args *a) {
    PyObject *r = string_call(x, a);
    if (!r) return STRING_ERROR;
    int yes = PyObject_IsTrue(r);
    Py_DECREF(r);
    return yes < 0 ? STRING_ERROR : yes;
}

static int64_t length(PyObject *x, const string_args *a) { return PyUnicode_GET_LENGTH(x); }

/* Reports whether part is in x at the position at, which may be negative or beyond the end. Strings
 * of different widths of characters are left to CPython. */
static int64_t has_at(PyObject *x, PyObject *part, Py_ssize_t at, int end) {
    Py_ssize_t n = PyUnicode_GET_LENGTH(part);
    if (at < 0 || n + at > PyUnicode_GET_LENGTH(x)) return 0;
    unsigned kind = PyUnicode_KIND(x);
    if (kind == PyUnicode_KIND(part)) return string_same(string_bytes(x) + (size_t)at * kind, string_bytes(part), (size_t)n * kind);
    Py_ssize_t found = PyUnicode_Tailmatch(x, part, 0, PY_SSIZE_T_MAX, end);
    return found < 0 ? STRING_ERROR : found;
}

static int64_t startswith(PyObject *x, const string_args *a) { return has_at(x, a->text[0], 0, -1); }
static int64_t endswith(PyObject *x, const string_args *a) {
    return has_at(x, a->text[0], PyUnicode_GET_LENGTH(x) - PyUnicode_GET_LENGTH(a->text[0]), 1);
}

/* Returns the position of an ASCII string in another, or -1. */
static Py_ssize_t find_ascii(PyObject *x, PyObject *part) {
    Py_ssize_t n = PyUnicode_GET_LENGTH(part), last = PyUnicode_GET_LENGTH(x) - n;
    const uint8_t *s = string_bytes(x), *p = string_bytes(part);
    if (n == 0) return 0;
    for (Py_ssize_t i = 0; i <= last; i++)
        if (s[i] == p[0] && s[i + n - 1] == p[n - 1] && string_same(s + i, p, (size_t)n)) return i;
    return -1;
}

/* A simple search is faster for short strings; its time for long ones could be the product of the
 * lengths. */
#define SHORT 64
static int64_t contains(PyObject *x, const string_args *a) {
    if (PyUnicode_IS_ASCII(x) && PyUnicode_IS_ASCII(a->text[0]) && PyUnicode_GET_LENGTH(x) <= SHORT) return find_ascii(x, a->text[0]) >= 0;
    int yes = PyUnicode_Contains(x, a->text[0]);
    return yes < 0 ? STRING_ERROR : yes;
}

static int64_t find_from(PyObject *x, const string_args *a, int direction) {
    Py_ssize_t at = PyUnicode_Find(x, a->text[0], a->number[0], a->number[1], direction);
    return at == -2 ? STRING_ERROR : at;
}

static int64_t find(PyObject *x, const string_args *a) { return find_from(x, a, 1); }
static int64_t rfind(PyObject *x, const string_args *a) { return find_from(x, a, -1); }

static int64_t count(PyObject *x, const string_args *a) {
    Py_ssize_t n = PyUnicode_Count(x, a->text[0], 0, PY_SSIZE_T_MAX);
    return n < 0 ? STRING_ERROR : n;
}

/* search(f): f is the method search of a pattern, or match or fullmatch. */
static int64_t search(PyObject *x, const string_args *a) {
    PyObject *r = PyObject_CallOneArg(a->text[0], x);
    if (!r) return STRING_ERROR;
    Py_DECREF(r);
    return r != Py_None;
}

#define EACH(name, test)                                                                      \
    static int64_t name(PyObject *x, const string_args *a) {                                  \
        if (!PyUnicode_IS_ASCII(x)) return call_test(x, a);                                   \
        const uint8_t *s = string_bytes(x);                                                   \
        Py_ssize_t n = PyUnicode_GET_LENGTH(x);                                               \
        for (Py_ssize_t i = 0; i < n; i++)                                                    \
            if (!(test)) return 0;                                                            \
        return n > 0;                                                                         \
    }
static inline int is_letter(unsigned c) { return (c | 32) - 'a' < 26; }
static inline int is_digit(unsigned c) { return c - '0' < 10; }
EACH(each_letter, is_letter(s[i]))
EACH(each_digit, is_digit(s[i]))
EACH(each_alnum, is_letter(s[i]) || is_digit(s[i]))
EACH(each_space, Py_UNICODE_ISSPACE(s[i]))

static int64_t isascii_(PyObject *x, const string_args *a) { return PyUnicode_IS_ASCII(x); }

/* Reports whether x has a letter and no letter of the other case. */
static int64_t one_case(PyObject *x, const string_args *a, unsigned first) {
    if (!PyUnicode_IS_ASCII(x)) return call_test(x, a);
    const uint8_t *s = string_bytes(x);
    int any = 0;
    for (Py_ssize_t i = 0, n = PyUnicode_GET_LENGTH(x); i < n; i++) {
        if ((s[i] ^ 32u) - first < 26) return 0;
        any |= s[i] - first < 26;
    }
    return any;
}
static int64_t islower_(PyObject *x, const string_args *a) { return one_case(x, a, 'a'); }
static int64_t isupper_(PyObject *x, const string_args *a) { return one_case(x, a, 'A'); }

const string_method string_counters[] = {
    {"len", "", 'q', NULL, length},
    {"startswith", "U", '?', NULL, startswith},
    {"endswith", "U", '?', NULL, endswith},
    {"contains", "U", '?', NULL, contains},
    {"search", "O", '?', NULL, search},
    {"find", "Unn", 'q', NULL, find},
    {"rfind", "Unn", 'q', NULL, rfind},
    {"count", "U", 'q', NULL, count},
    {"isalpha", "", '?', NULL, each_letter},
    {"isalnum", "", '?', NULL, each_alnum},
    {"isdigit", "", '?', NULL, each_digit},
    {"isdecimal", "", '?', NULL, each_digit},
    {"isnumeric", "", '?', NULL, each_digit},
    {"isspace", "", '?', NULL, each_space},
    {"isascii", "", '?', NULL, isascii_},
    {"islower", "", '?', NULL, islower_},
    {"isupper", "", '?', NULL, isupper_},
    {"istitle", "", '?', NULL, call_test},
    {0},
};
