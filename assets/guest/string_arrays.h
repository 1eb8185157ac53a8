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

/* Reports whether n bytes are equal. For the length of most strings a call of memcmp costs more. */
static inline int string_same(const uint8_t *a, const uint8_t *b, size_t n) {
    uint64_t u, v;
    if (n < 8) {
        for (size_t i = 0; i < n; i++)
            if (a[i] != b[i]) return 0;
        return 1;
    }
    for (size_t i = 0; i + 8 < n; i += 8) {
        memcpy(&u, a + i, 8);
        memcpy(&v, b + i, 8);
        if (u != v) return 0;
    }
    memcpy(&u, a + n - 8, 8);
    memcpy(&v, b + n - 8, 8);
    return u == v;
}
