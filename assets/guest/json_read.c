/* json_read.c: the request body as Python objects, without the json module.
 *
 * One pass over the text makes Python's values at once; yyjson reads the numbers. What is not strict JSON (NaN and Infinity, lone surrogates,
 * a byte order mark, text that is no JSON) is read again by Python's json module, whose results and error texts are TabPy's. */
#include "bridge.h"
#include "yyjson.h"
#include <wasm_simd128.h>

#define MAX_DEPTH 9000 /* nested containers; Python's json module gives up near here too */

/* The text, of which *end is 0, and the values read whose lists are not made yet. Functions that return NULL without an exception refuse. */
typedef struct {
    const char *p, *end;
    PyObject **items;
    size_t len, cap;
} reader;

static PyObject *read_value(reader *r, int depth);

static PyObject *too_deep(const char *what) {
    return PyErr_Format(PyExc_RecursionError, "maximum recursion depth exceeded while decoding a JSON %s from a unicode string", what);
}

/* How many bytes from s on are printable ASCII without quote and backslash. */
static size_t plain(const char *s, const char *end) {
    const char *p = s;
    for (; end - p >= 16; p += 16) {
        v128_t v = wasm_v128_load(p); /* as signed numbers, bytes from 0x80 on are below the space, too */
        v128_t ends = wasm_v128_or(wasm_i8x16_lt(v, wasm_i8x16_const_splat(' ')),
                                   wasm_v128_or(wasm_i8x16_eq(v, wasm_i8x16_const_splat('"')), wasm_i8x16_eq(v, wasm_i8x16_const_splat('\\'))));
        uint32_t mask = wasm_i8x16_bitmask(ends);
        if (mask) return (size_t)(p - s) + (size_t)__builtin_ctz(mask);
    }
    while ((signed char)*p >= ' ' && *p != '"' && *p != '\\') p++; /* the byte at the end stops it */
    return (size_t)(p - s);
}

/* memcpy for short texts: the compiler makes a call to the engine of one whose length it does not know. */
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

/* The number of four hexadecimal digits, or -1. */
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
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3; /* bytes behind the first */
    *out++ = (char)((0xf00 >> more) | c >> 6 * more);
    while (more--) *out++ = (char)(0x80 | (c >> 6 * more & 0x3f));
    return out;
}

/* The escape at s, of which s[0] is the backslash, as UTF-8 at *out; what follows it, or NULL. */
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

static PyObject *unescaped(const char *s, const char *end) {
    char *buffer = PyMem_Malloc((size_t)(end - s) + 1), *out = buffer; /* an escape is longer than its UTF-8 */
    if (!buffer) return PyErr_NoMemory();
    while (s && s < end)
        if (*s == '\\') s = unescape(s, &out);
        else *out++ = *s++;
    PyObject *u = s ? decode(buffer, (size_t)(out - buffer)) : NULL;
    PyMem_Free(buffer);
    return u;
}

/* A text with escapes, or with other characters than ASCII; r->p is behind its opening quote. */
static PyObject *read_any_text(reader *r) {
    const char *s = r->p, *q = s;
    int escapes = 0;
    for (;;) {
        q += plain(q, r->end);
        if (*q == '"') break;
        if (*q == '\\' && q + 1 < r->end) escapes = 1, q += 2;
        else if ((unsigned char)*q >= 0x80) q++;
        else return NULL;
    }
    r->p = q + 1;
    return escapes ? unescaped(s, q) : decode(s, (size_t)(q - s));
}

static PyObject *read_text(reader *r) {
    const char *s = ++r->p;
    size_t n = plain(s, r->end);
    if (s[n] != '"') return read_any_text(r);
    r->p = s + n + 1;
    PyObject *u = n ? PyUnicode_New((Py_ssize_t)n, 127) : PyUnicode_FromString(""); /* the empty text is shared */
    if (u) copy_text((char *)PyUnicode_1BYTE_DATA(u), s, n);
    return u;
}

/* Numbers beyond 64 bits or beyond a double. */
static PyObject *read_big(const char *s, size_t n) {
    char *text = PyMem_Malloc(n + 1);
    if (!text) return PyErr_NoMemory();
    memcpy(text, s, n);
    text[n] = 0;
    PyObject *o = NULL;
    if (!strpbrk(text, ".eE")) o = PyLong_FromString(text, NULL, 10);
    else {
        double d = PyOS_string_to_double(text, NULL, NULL); /* overflows to an infinity, as Python's float() does */
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

/* The next character that is no white space. */
static inline char next(reader *r) {
    if ((unsigned char)*r->p > ' ') return *r->p; /* mostly; entering a loop costs a check of the time limit */
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

/* The values from first on, which leave the reader, as a list. */
static PyObject *listed(reader *r, size_t first) {
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
    if (next(r) == ']') {
        r->p++;
        return PyList_New(0);
    }
    for (;;) {
        PyObject *o = read_value(r, depth + 1);
        if (!o || push(r, o) < 0) return NULL;
        char c = next(r);
        if (c != ',' && c != ']') return NULL;
        r->p++;
        if (c == ']') return listed(r, first);
        next(r);
    }
}

/* "key": value; of equal keys the last one counts. */
static int read_member(reader *r, PyObject *dict, int depth) {
    PyObject *key = next(r) == '"' ? read_text(r) : NULL, *o = NULL;
    if (key && next(r) == ':') {
        r->p++;
        next(r);
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
    char c = next(r) == '}' ? '}' : ',';
    if (c == '}') r->p++;
    while (dict && c == ',') {
        if (read_member(r, dict, depth + 1) < 0 || ((c = next(r)) != ',' && c != '}')) Py_CLEAR(dict);
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
    int collecting = PyGC_Disable(); /* a million new lists would be walked again and again */
    next(&r);
    PyObject *o = read_value(&r, 0);
    next(&r);
    if (r.p != r.end) Py_CLEAR(o);
    while (r.len) Py_DECREF(r.items[--r.len]);
    free(r.items);
    if (collecting) PyGC_Enable();
    return o;
}
