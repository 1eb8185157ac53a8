/* string_arrays.h: methods of arrays of Python strings, for the module _string_arrays (string_arrays.c). */
#pragma once
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>

/* The arguments of a method. name and args call it in the general way; the other fields have the
 * same arguments, as the format of the method converts them. */
typedef struct {
    PyObject *name, *args;
    PyObject *text[2];
    Py_ssize_t number[2];
    PyObject *missing; /* the missing value of the array, borrowed */
    uint64_t set[2];   /* the ASCII characters of text[0], one bit each */
} string_args;

#define STRING_ERROR INT64_MIN

/* A method that gives an object for each string: a new reference, or NULL with an exception set. */
typedef PyObject *(*string_maker)(PyObject *, const string_args *);
/* A method that gives a number, or a truth value; STRING_ERROR with an exception set. */
typedef int64_t (*string_counter)(PyObject *, const string_args *);

typedef struct {
    const char *name;
    const char *format; /* of PyArg_ParseTuple, for text[0], text[1], number[0], number[1] in this order */
    char result;        /* 'O', '?' or 'q': the format of the result's items */
    string_maker make;
    string_counter count;
} string_method;

/* Both tables end with an entry without a name. */
extern const string_method string_makers[];   /* string_makers.c */
extern const string_method string_counters[]; /* string_counters.c */

/* Calls the method name of the string x with args. */
PyObject *string_call(PyObject *x, const string_args *a);

static inline const uint8_t *string_bytes(PyObject *x) { return (const uint8_t *)PyUnicode_DATA(x); }

/* The last min(n, 8) bytes in one word: bytes that stand in it twice do not matter for comparisons. */
static inline uint64_t string_tail(const uint8_t *s, size_t n) {
    uint64_t u;
    uint32_t first, last;
    if (n >= 8) {
        memcpy(&u, s + n - 8, 8);
        return u;
    }
    if (n >= 4) {
        memcpy(&first, s, 4);
        memcpy(&last, s + n - 4, 4);
        return first | (uint64_t)last << 32;
    }
    return n ? s[0] | (uint32_t)s[n / 2] << 8 | (uint32_t)s[n - 1] << 16 : 0;
}

/* Reports whether n bytes are equal. For the length of most strings a call of memcmp costs more. */
static inline int string_same(const uint8_t *a, const uint8_t *b, size_t n) {
    uint64_t u, v;
    for (size_t i = 0; i + 8 < n; i += 8) {
        memcpy(&u, a + i, 8);
        memcpy(&v, b + i, 8);
        if (u != v) return 0;
    }
    return string_tail(a, n) == string_tail(b, n);
}
