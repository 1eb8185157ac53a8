/* arrow_check.c: checks the strings of an array without making them. */
#include "arrow_python.h"

/* 16 bytes at any address. */
typedef uint64_t __attribute__((vector_size(16), aligned(1), may_alias)) words;
typedef int32_t __attribute__((vector_size(16), aligned(1), may_alias)) narrow_offsets;
typedef int64_t __attribute__((vector_size(16), aligned(1), may_alias)) wide_offsets;

enum { BLOCK = 64 }; /* bytes */

/* Returns the number of bytes of the ASCII characters at the start. */
static size_t ascii_length(const uint8_t *s, size_t n) {
    size_t i = 0;
    for (; i + BLOCK <= n; i += BLOCK) {
        const words *w = (const words *)(s + i);
        words all = w[0] | w[1] | w[2] | w[3];
        if ((all[0] | all[1]) & 0x8080808080808080) break;
    }
    for (uint64_t u; i + 8 <= n; i += 8) {
        memcpy(&u, s + i, 8);
        if (u & 0x8080808080808080) break;
    }
    while (i < n && s[i] < 0x80) i++;
    return i;
}

/* Returns the length of the character at s, which is not ASCII, or 0 if it is not UTF-8. */
static size_t character(const uint8_t *s, size_t n) {
    static const struct { uint8_t first, last, low, high, length; } forms[] = {
        {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3},
        {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(forms); i++) {
        if (s[0] < forms[i].first || s[0] > forms[i].last) continue;
        if (n < forms[i].length || s[1] < forms[i].low || s[1] > forms[i].high) return 0;
        for (size_t k = 2; k < forms[i].length; k++)
            if ((s[k] & 0xc0) != 0x80) return 0;
        return forms[i].length;
    }
    return 0;
}

/* Reports whether bytes are UTF-8; *ascii is set to 1 if they are ASCII. */
static int is_utf8(const uint8_t *s, size_t n, int *ascii) {
    size_t i = ascii_length(s, n);
    *ascii = i == n;
    while (i < n) {
        size_t k = character(s + i, n - i);
        if (k == 0) return 0;
        i += k;
        i += ascii_length(s + i, n - i);
    }
    return 1;
}

/* Reports whether n offsets do not decrease. Their number is at least one. */
static int ascend(const char *offsets, int width, Py_ssize_t n) {
    const Py_ssize_t step = 16 / width;
    Py_ssize_t i = 1;
    narrow_offsets bad = {0};
    wide_offsets wide_bad = {0};
    for (; i + step <= n; i += step) {
        const char *p = offsets + i * width;
        if (width == 4) bad |= *(const narrow_offsets *)p < *(const narrow_offsets *)(p - 4);
        else wide_bad |= *(const wide_offsets *)p < *(const wide_offsets *)(p - 8);
    }
    wide_bad |= (wide_offsets)bad;
    int fell = (wide_bad[0] | wide_bad[1]) != 0;
    const Py_buffer b = {.buf = (void *)offsets};
    for (; i < n; i++) fell |= arrow_offset(&b, width, i) < arrow_offset(&b, width, i - 1);
    return !fell;
}

/* Checks that offsets do not decrease and end within the data. Returns 0 if a string begins inside
 * of a character, -1 with an exception set if an offset is wrong, otherwise 1. */
static int check_offsets(const Py_buffer *offsets, int width, const Py_buffer *data, Py_ssize_t n, int ascii) {
    int64_t last = 0;
    int whole = 1;
    if (ascii && arrow_offset(offsets, width, 0) >= 0 && arrow_offset(offsets, width, n) <= data->len && ascend(offsets->buf, width, n + 1)) return 1;
    for (Py_ssize_t i = 0; i <= n; i++) {
        int64_t at = arrow_offset(offsets, width, i);
        if (at < last || at > data->len) {
            PyErr_Format(arrow_error, "an offset of a string is outside of its data, at value %zd", i);
            return -1;
        }
        if (!ascii && at < data->len && (((const uint8_t *)data->buf)[at] & 0xc0) == 0x80) whole = 0;
        last = at;
    }
    return whole;
}

/* check(offsets, width, data, n) reports whether n strings are UTF-8. */
PyObject *arrow_check(PyObject *self, PyObject *args) {
    Py_buffer offsets, data;
    int width, r = -1, ascii;
    Py_ssize_t n;
    if (!PyArg_ParseTuple(args, "y*iy*n", &offsets, &width, &data, &n)) return NULL;
    if ((width != 4 && width != 8) || n < 0 || offsets.len / width <= n) PyErr_SetString(arrow_error, "the offsets of strings are too few");
    else {
        int valid = is_utf8(data.buf, (size_t)data.len, &ascii);
        r = check_offsets(&offsets, width, &data, n, ascii);
        if (!valid && r > 0) r = 0;
    }
    PyBuffer_Release(&offsets);
    PyBuffer_Release(&data);
    return r < 0 ? NULL : PyBool_FromLong(r);
}
