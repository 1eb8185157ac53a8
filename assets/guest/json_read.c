/* json_read.c: parses the request body into Python objects, without the json module.
 *
 * One pass over the text creates Python's values directly; yyjson parses the numbers. Text that is
 * not strict JSON (NaN and Infinity, lone surrogates, a byte order mark, syntax errors) is left to
 * Python's json module, whose results and error messages are TabPy's. */
#include "bridge.h"
#include "yyjson.h"
#include <wasm_simd128.h>

#define MAX_DEPTH 9000 /* nested containers; Python's json module fails at about the same depth */

/* The rest of the text, where *end is 0, and the values of the lists that are still open. A
 * function that returns NULL without an exception leaves the text to Python's json module. */
typedef struct {
    const char *p, *end;
    PyObject **items;
    size_t len, cap;
} reader;

static PyObject *read_value(reader *r, int depth);

static PyObject *too_deep(const char *what) {
    return PyErr_Format(PyExc_RecursionError, "maximum recursion depth exceeded while decoding a JSON %s from a unicode string", what);
}

/* Returns the number of bytes from s on that are printable ASCII other than quote and backslash. */
static size_t plain_length(const char *s, const char *end) {
    const char *p = s;
    for (; end - p >= 16; p += 16) {
        /* as signed numbers, bytes from 0x80 on are also below the space */
        v128_t v = wasm_v128_load(p);
        v128_t ends = wasm_v128_or(wasm_i8x16_lt(v, wasm_i8x16_const_splat(' ')),
                                   wasm_v128_or(wasm_i8x16_eq(v, wasm_i8x16_const_splat('"')), wasm_i8x16_eq(v, wasm_i8x16_const_splat('\\'))));
        uint32_t mask = wasm_i8x16_bitmask(ends);
        if (mask) return (size_t)(p - s) + (size_t)__builtin_ctz(mask);
    }
    /* the zero byte at the end stops the loop */
    while ((signed char)*p >= ' ' && *p != '"' && *p != '\\') p++;
    return (size_t)(p - s);
}

/* Copies short strings without memcpy, which is a call into the engine if the compiler does not
 * know the length. */
static void copy_text(char *to, const char *s, size_t n) {
    if (n > 256) {
        memcpy(to, s, n);
        return;
    }
    for (size_t i = 0; n >= 8 && i < n; i += 8) {
        size_t at = i + 8 <= n ? i : n - 8;
        memcpy(to + at, s + at, 8);
    }
    for (size_t i = 0; n < 8 && i < n; i++) to[i] = s[i];
}

static PyObject *decode(const char *s, size_t n) {
    PyObject *u = PyUnicode_DecodeUTF8(s, (Py_ssize_t)n, NULL);
    if (!u && PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) PyErr_Clear();
    return u;
}

/* Returns the value of four hexadecimal digits, or -1. */
static int32_t hex4(const char *s) {
    int32_t n = 0;
    for (int i = 0; i < 4; i++) {
        int c = (unsigned char)s[i], letter = c | 0x20;
        if (c >= '0' && c <= '9') n = n << 4 | (c - '0');
        else if (letter >= 'a' && letter <= 'f') n = n << 4 | (letter - 'a' + 10);
        else return -1;
    }
    return n;
}

static char *put_utf8(char *out, int32_t c) {
    if (c < 0x80) {
        *out++ = (char)c;
        return out;
    }
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3; /* bytes after the first */
    *out++ = (char)((0xf00 >> more) | c >> 6 * more);
    while (more--) *out++ = (char)(0x80 | (c >> 6 * more & 0x3f));
    return out;
}

/* Decodes the escape whose backslash is at s into UTF-8 at *out, and advances *out. Returns the
 * address after the escape, or NULL if it is invalid. */
static const char *unescape(const char *s, char **out) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (s[1] != 'u') {
        const char *at = s[1] ? strchr(from, s[1]) : NULL;
        if (!at) return NULL;
        *(*out)++ = to[at - from];
        return s + 2;
    }
    int32_t c = hex4(s + 2), low;
    if (c < 0 || (c & 0xfc00) == 0xdc00) return NULL;
    s += 6;
    if ((c & 0xfc00) == 0xd800) {
        if (s[0] != '\\' || s[1] != 'u' || ((low = hex4(s + 2)) & ~0x3ff) != 0xdc00) return NULL;
        c = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
        s += 6;
    }
    *out = put_utf8(*out, c);
    return s;
}

static PyObject *decode_escaped(const char *s, const char *end) {
    /* an escape is longer than its UTF-8 form */
    char *buffer = PyMem_Malloc((size_t)(end - s) + 1), *out = buffer;
    if (!buffer) return PyErr_NoMemory();
    while (s && s < end)
        if (*s == '\\') s = unescape(s, &out);
        else *out++ = *s++;
    PyObject *u = s ? decode(buffer, (size_t)(out - buffer)) : NULL;
    PyMem_Free(buffer);
    return u;
}

/* Reads a string with escapes or characters beyond ASCII. r->p is after its opening quote. */
static PyObject *read_general_text(reader *r) {
    const char *s = r->p, *q = s;
    int escapes = 0;
    for (;;) {
        q += plain_length(q, r->end);
        if (*q == '"') break;
        if (*q == '\\' && q + 1 < r->end) escapes = 1, q += 2;
        else if ((unsigned char)*q >= 0x80) q++;
        else return NULL;
    }
    r->p = q + 1;
    return escapes ? decode_escaped(s, q) : decode(s, (size_t)(q - s));
}

static PyObject *read_text(reader *r) {
    const char *s = ++r->p;
    size_t n = plain_length(s, r->end);
    if (s[n] != '"') return read_general_text(r);
    r->p = s + n + 1;
    /* the empty string is shared */
    PyObject *u = n ? PyUnicode_New((Py_ssize_t)n, 127) : PyUnicode_FromString("");
    if (u) copy_text((char *)PyUnicode_1BYTE_DATA(u), s, n);
    return u;
}

/* Reads a number beyond 64 bits or beyond the range of doubles. */
static PyObject *read_big(const char *s, size_t n) {
    char *text = PyMem_Malloc(n + 1);
    if (!text) return PyErr_NoMemory();
    memcpy(text, s, n);
    text[n] = 0;
    PyObject *o = NULL;
    if (!strpbrk(text, ".eE")) o = PyLong_FromString(text, NULL, 10);
    else {
        /* overflows to infinity, as Python's float() does */
        double d = PyOS_string_to_double(text, NULL, NULL);
        if (d != -1.0 || !PyErr_Occurred()) o = PyFloat_FromDouble(d);
    }
    PyMem_Free(text);
    return o;
}

static PyObject *read_number(reader *r) {
    const char *s = r->p;
    yyjson_val v;
    const char *q = yyjson_read_number(s, &v, YYJSON_READ_BIGNUM_AS_RAW, NULL, NULL);
    if (!q) return NULL;
    r->p = q;
    if (yyjson_is_raw(&v)) return read_big(s, (size_t)(q - s));
    switch (yyjson_get_subtype(&v)) {
    case YYJSON_SUBTYPE_UINT: return PyLong_FromUnsignedLongLong(yyjson_get_uint(&v));
    case YYJSON_SUBTYPE_SINT: return PyLong_FromLongLong(yyjson_get_sint(&v));
    default: return PyFloat_FromDouble(yyjson_get_real(&v));
    }
}

static PyObject *read_literal(reader *r, const char *name, PyObject *value) {
    size_t n = strlen(name);
    if (strncmp(r->p, name, n)) return NULL;
    r->p += n;
    return Py_NewRef(value);
}

/* Skips white space and returns the next character without consuming it. */
static inline char peek(reader *r) {
    /* the usual case; entering a loop costs a check of the time limit */
    if ((unsigned char)*r->p > ' ') return *r->p;
    while (*r->p == ' ' || *r->p == '\n' || *r->p == '\t' || *r->p == '\r') r->p++;
    return *r->p;
}

static int push(reader *r, PyObject *o) {
    if (r->len == r->cap) {
        size_t cap = r->cap ? 2 * r->cap : 64;
        PyObject **items = cap < SIZE_MAX / 8 ? realloc(r->items, cap * sizeof *items) : NULL;
        if (!items) {
            Py_DECREF(o);
            PyErr_NoMemory();
            return -1;
        }
        r->items = items, r->cap = cap;
    }
    r->items[r->len++] = o;
    return 0;
}

/* Moves the values from first on out of the reader into a new list. */
static PyObject *take_list(reader *r, size_t first) {
    size_t n = r->len - first;
    PyObject *list = PyList_New((Py_ssize_t)n);
    if (!list) return NULL;
    if (n) memcpy(((PyListObject *)list)->ob_item, r->items + first, n * sizeof *r->items);
    r->len = first;
    return list;
}

static PyObject *read_array(reader *r, int depth) {
    if (depth > MAX_DEPTH) return too_deep("array");
    size_t first = r->len;
    r->p++;
    if (peek(r) == ']') {
        r->p++;
        return PyList_New(0);
    }
    for (;;) {
        PyObject *o = read_value(r, depth + 1);
        if (!o || push(r, o) < 0) return NULL;
        char c = peek(r);
        if (c != ',' && c != ']') return NULL;
        r->p++;
        if (c == ']') return take_list(r, first);
        peek(r);
    }
}

/* Reads a "key": value pair; the last of several equal keys counts. */
static int read_member(reader *r, PyObject *dict, int depth) {
    PyObject *key = peek(r) == '"' ? read_text(r) : NULL, *o = NULL;
    if (key && peek(r) == ':') {
        r->p++;
        peek(r);
        o = read_value(r, depth);
    }
    int done = o ? PyDict_SetItem(dict, key, o) : -1;
    Py_XDECREF(key);
    Py_XDECREF(o);
    return done;
}

static PyObject *read_object(reader *r, int depth) {
    if (depth > MAX_DEPTH) return too_deep("object");
    PyObject *dict = PyDict_New();
    r->p++;
    char c = peek(r) == '}' ? '}' : ',';
    if (c == '}') r->p++;
    while (dict && c == ',') {
        if (read_member(r, dict, depth + 1) < 0 || ((c = peek(r)) != ',' && c != '}')) Py_CLEAR(dict);
        else r->p++;
    }
    return dict;
}

static PyObject *read_value(reader *r, int depth) {
    switch (*r->p) {
    case '"': return read_text(r);
    case '[': return read_array(r, depth);
    case '{': return read_object(r, depth);
    case 'n': return read_literal(r, "null", Py_None);
    case 't': return read_literal(r, "true", Py_True);
    case 'f': return read_literal(r, "false", Py_False);
    default: return read_number(r);
    }
}

PyObject *tabcell_json_read(const char *text, size_t len) {
    reader r = {.p = text, .end = text + len};
    /* collections would traverse a million new lists over and over */
    int collecting = PyGC_Disable();
    peek(&r);
    PyObject *o = read_value(&r, 0);
    peek(&r);
    if (r.p != r.end) Py_CLEAR(o);
    while (r.len) Py_DECREF(r.items[--r.len]);
    free(r.items);
    if (collecting) PyGC_Enable();
    return o;
}
