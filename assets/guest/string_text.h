/* string_text.h: new ASCII strings, without calls for the short ones. */
#pragma once
#include "string_arrays.h"

/* Returns an ASCII string of n characters that the caller writes to *to. PyUnicode_New does the same
 * for any characters, with several tests. */
static inline PyObject *string_ascii(Py_ssize_t n, uint8_t **to) {
    if (n == 0) return PyUnicode_New(0, 127);
    if (n > INT32_MAX - 64) return PyErr_NoMemory();
    PyASCIIObject *r = PyObject_Malloc(sizeof *r + (size_t)n + 1);
    if (!r) return PyErr_NoMemory();
    r->ob_base.ob_refcnt = 1;
    r->ob_base.ob_type = &PyUnicode_Type;
    r->length = n;
    r->hash = -1;
    memset(&r->state, 0, sizeof r->state);
    r->state.kind = PyUnicode_1BYTE_KIND;
    r->state.compact = r->state.ascii = 1;
    *to = (uint8_t *)(r + 1);
    (*to)[n] = 0;
    return (PyObject *)r;
}

/* Copies n bytes; for the length of most strings a call of memcpy costs more, and so does a loop
 * over bytes, which clang would replace by one. The last bytes of 4 to 64 may be copied twice. */
static inline void string_copy(uint8_t *to, const uint8_t *from, size_t n) {
    if (n > 64) {
        memcpy(to, from, n);
    } else if (n >= 8) {
        uint64_t u;
        for (size_t i = 0; i + 8 < n; i += 8) {
            memcpy(&u, from + i, 8);
            memcpy(to + i, &u, 8);
        }
        memcpy(&u, from + n - 8, 8);
        memcpy(to + n - 8, &u, 8);
    } else if (n >= 4) {
        uint32_t first, last;
        memcpy(&first, from, 4);
        memcpy(&last, from + n - 4, 4);
        memcpy(to, &first, 4);
        memcpy(to + n - 4, &last, 4);
    } else if (n > 0) {
        uint8_t first = from[0], middle = from[n / 2], last = from[n - 1];
        to[0] = first;
        to[n / 2] = middle;
        to[n - 1] = last;
    }
}
