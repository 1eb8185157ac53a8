/* json_read.c: the request body as Python objects, without the json module.
 *
 * yyjson reads strict JSON in place; its values become Python's by one walk. What it refuses (NaN and Infinity, lone surrogates, a byte
 * order mark, text that is no JSON) is read again by Python's json module, whose results and error texts are TabPy's. */
#include "bridge.h"
#include "yyjson.h"

#define MAX_DEPTH 9000 /* nested containers; Python's json module gives up near here too */

static PyObject *convert(yyjson_val *v, int depth);

static PyObject *too_deep(const char *what) {
    return PyErr_Format(PyExc_RecursionError, "maximum recursion depth exceeded while decoding a JSON %s from a unicode string", what);
}

/* Text is nearly always ASCII: eight bytes a step, the last of which goes back over some that were seen already. */
static int is_ascii(const char *s, size_t n) {
    uint64_t w, all = 0;
    for (size_t i = 0; n >= 8 && i < n; i += 8) {
        memcpy(&w, s + (i + 8 <= n ? i : n - 8), 8);
        all |= w;
    }
    for (size_t i = 0; n < 8 && i < n; i++) all |= (unsigned char)s[i];
    return !(all & 0x8080808080808080u);
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

static PyObject *convert_text(const char *s, size_t n) {
    if (!is_ascii(s, n)) return PyUnicode_DecodeUTF8(s, (Py_ssize_t)n, NULL);
    PyObject *u = n ? PyUnicode_New((Py_ssize_t)n, 127) : PyUnicode_FromString(""); /* the empty text is shared */
    if (u) copy_text((char *)PyUnicode_1BYTE_DATA(u), s, n);
    return u;
}

static PyObject *convert_number(yyjson_val *v) {
    switch (yyjson_get_subtype(v)) {
    case YYJSON_SUBTYPE_UINT: return PyLong_FromUnsignedLongLong(yyjson_get_uint(v));
    case YYJSON_SUBTYPE_SINT: return PyLong_FromLongLong(yyjson_get_sint(v));
    default: return PyFloat_FromDouble(yyjson_get_real(v));
    }
}

/* Numbers beyond 64 bits or beyond a double come as their text. */
static PyObject *convert_big(const char *s, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (s[i] == '.' || s[i] == 'e' || s[i] == 'E') {
            double d = PyOS_string_to_double(s, NULL, NULL); /* overflows to an infinity, as Python's float() does */
            return d == -1.0 && PyErr_Occurred() ? NULL : PyFloat_FromDouble(d);
        }
    return PyLong_FromString(s, NULL, 10);
}

static PyObject *convert_raw(yyjson_val *v) {
    size_t n = yyjson_get_len(v);
    char *s = PyMem_Malloc(n + 1);
    if (!s) return PyErr_NoMemory();
    memcpy(s, yyjson_get_raw(v), n);
    s[n] = 0;
    PyObject *r = convert_big(s, n);
    PyMem_Free(s);
    return r;
}

static PyObject *convert_array(yyjson_val *v, int depth) {
    if (depth > MAX_DEPTH) return too_deep("array");
    PyObject *list = PyList_New((Py_ssize_t)yyjson_arr_size(v));
    if (!list) return NULL;
    yyjson_arr_iter it = yyjson_arr_iter_with(v);
    yyjson_val *item;
    for (Py_ssize_t i = 0; (item = yyjson_arr_iter_next(&it)); i++) {
        PyObject *o = convert(item, depth + 1);
        if (!o) {
            Py_DECREF(list);
            return NULL;
        }
        PyList_SET_ITEM(list, i, o);
    }
    return list;
}

static PyObject *convert_object(yyjson_val *v, int depth) {
    if (depth > MAX_DEPTH) return too_deep("object");
    PyObject *dict = PyDict_New();
    yyjson_obj_iter it = yyjson_obj_iter_with(v);
    yyjson_val *key;
    while (dict && (key = yyjson_obj_iter_next(&it))) {
        PyObject *k = convert_text(yyjson_get_str(key), yyjson_get_len(key));
        PyObject *o = k ? convert(yyjson_obj_iter_get_val(key), depth + 1) : NULL;
        if (!o || PyDict_SetItem(dict, k, o) < 0) Py_CLEAR(dict); /* of equal keys the last one counts */
        Py_XDECREF(k);
        Py_XDECREF(o);
    }
    return dict;
}

static PyObject *convert(yyjson_val *v, int depth) {
    switch (yyjson_get_type(v)) {
    case YYJSON_TYPE_NULL: Py_RETURN_NONE;
    case YYJSON_TYPE_BOOL: return PyBool_FromLong(yyjson_get_bool(v));
    case YYJSON_TYPE_NUM: return convert_number(v);
    case YYJSON_TYPE_STR: return convert_text(yyjson_get_str(v), yyjson_get_len(v));
    case YYJSON_TYPE_ARR: return convert_array(v, depth);
    case YYJSON_TYPE_OBJ: return convert_object(v, depth);
    default: return convert_raw(v);
    }
}

PyObject *tabcell_json_read(char *text, size_t len) {
    yyjson_read_err err;
    yyjson_doc *doc = yyjson_read_opts(text, len, YYJSON_READ_INSITU | YYJSON_READ_BIGNUM_AS_RAW, NULL, &err);
    if (!doc) return err.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION ? PyErr_NoMemory() : NULL;
    int collecting = PyGC_Disable(); /* a million new lists would be walked again and again */
    PyObject *r = convert(yyjson_doc_get_root(doc), 0);
    if (collecting) PyGC_Enable();
    yyjson_doc_free(doc);
    return r;
}
