/* arrow_texts.c: strings and bytes of an array as Python objects. Equal values are one object, as
 * far as a table of the last ones finds them. */
#include "arrow_python.h"
#include "string_arrays.h"

enum { MAX_SEEN = 1 << 14 };

/* The last value with a digest. */
typedef struct {
    const uint8_t *start;
    Py_ssize_t size;
    PyObject *object; /* held by the result; NULL for none */
} seen;

/* The values so far, by their digest. The number of entries is a power of two. */
typedef struct {
    seen *entries;
    uint32_t mask;
} seen_table;

/* Makes a table for n values. Returns -1 with an exception set on failure. */
static int open_seen(seen_table *t, Py_ssize_t n) {
    uint32_t count = 16;
    while (count < MAX_SEEN && count < 2 * (size_t)n) count *= 2;
    t->mask = count - 1;
    t->entries = PyMem_Calloc(count, sizeof *t->entries);
    if (!t->entries) PyErr_NoMemory();
    return t->entries ? 0 : -1;
}

static uint64_t mix(uint64_t h, uint64_t v) {
    h = (h ^ v) * 0x9E3779B97F4A7C15;
    return h ^ h >> 32;
}

static uint32_t digest(const uint8_t *s, Py_ssize_t n) {
    uint64_t h = (uint64_t)n, v = 0;
    for (; n >= 8; n -= 8, s += 8) {
        memcpy(&v, s, 8);
        h = mix(h, v);
    }
    v = 0;
    for (Py_ssize_t i = 0; i < n; i++) v = v << 8 | s[i];
    return (uint32_t)(mix(h, v) >> 8);
}

int arrow_open_texts(arrow_texts_out *t, PyObject *out, PyObject *mask, int access) {
    t->mask.buf = NULL;
    if (PyObject_GetBuffer(out, &t->out, PyBUF_ND | PyBUF_FORMAT | access) < 0) return -1;
    t->n = t->out.len / (Py_ssize_t)sizeof(PyObject *);
    int valid = t->out.ndim == 1 && t->out.itemsize == sizeof(PyObject *) && t->out.format && !strcmp(t->out.format, "O");
    if (valid && mask != Py_None && PyObject_GetBuffer(mask, &t->mask, PyBUF_SIMPLE) == 0) valid = t->mask.len == t->n;
    if (valid && !PyErr_Occurred()) return 0;
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "the values are not an array of objects with a mask of its length");
    arrow_close_texts(t);
    return -1;
}

void arrow_close_texts(arrow_texts_out *t) {
    if (t->mask.buf) PyBuffer_Release(&t->mask);
    PyBuffer_Release(&t->out);
}

static int is_null(const arrow_texts_out *t, Py_ssize_t i) { return t->mask.buf && ((const uint8_t *)t->mask.buf)[i]; }

/* Stores a value, which is one of those seen if possible. */
static int store(arrow_texts_out *t, const seen_table *table, Py_ssize_t i, const uint8_t *s, Py_ssize_t n) {
    seen *e = &table->entries[digest(s, n) & table->mask];
    if (e->object && e->size == n && string_same(s, e->start, (size_t)n)) {
        Py_XSETREF(((PyObject **)t->out.buf)[i], Py_NewRef(e->object));
        return 0;
    }
    PyObject *o = t->text ? PyUnicode_DecodeUTF8((const char *)s, n, NULL) : PyBytes_FromStringAndSize((const char *)s, n);
    if (!o) return -1;
    Py_XSETREF(((PyObject **)t->out.buf)[i], o);
    *e = (seen){s, n, o};
    return 0;
}

static int store_null(arrow_texts_out *t, Py_ssize_t i) {
    Py_XSETREF(((PyObject **)t->out.buf)[i], Py_NewRef(t->null));
    return 0;
}

static int fail(const char *what, Py_ssize_t i) {
    PyErr_Format(arrow_error, "%s, at value %zd", what, i);
    return -1;
}

int64_t arrow_offset(const Py_buffer *b, int width, Py_ssize_t i) {
    int64_t wide;
    int32_t narrow;
    if (width == 8) {
        memcpy(&wide, (const char *)b->buf + 8 * i, 8);
        return wide;
    }
    memcpy(&narrow, (const char *)b->buf + 4 * i, 4);
    return narrow;
}

static int store_texts(arrow_texts_out *t, const seen_table *table, const Py_buffer *offsets, int width, const Py_buffer *data) {
    for (Py_ssize_t i = 0; i < t->n; i++) {
        int64_t start = arrow_offset(offsets, width, i), end = arrow_offset(offsets, width, i + 1);
        if (start < 0 || end < start || end > data->len) return fail("an offset of a string is outside of its data", i);
        if ((i & 0xfff) == 0xfff && PyErr_CheckSignals() < 0) return -1;
        int r = is_null(t, i) ? store_null(t, i) : store(t, table, i, (const uint8_t *)data->buf + start, (Py_ssize_t)(end - start));
        if (r < 0) return -1;
    }
    return 0;
}

/* texts(out, mask, null, text, offsets, width, data) stores the values of an array of strings (if
 * text is true) or bytes. Offsets have 4 or 8 bytes. */
PyObject *arrow_texts(PyObject *self, PyObject *args) {
    PyObject *out, *mask;
    arrow_texts_out t = {0};
    Py_buffer offsets, data;
    int width, r = -1;
    if (!PyArg_ParseTuple(args, "OOOpy*iy*", &out, &mask, &t.null, &t.text, &offsets, &width, &data)) return NULL;
    if (arrow_open_texts(&t, out, mask, PyBUF_WRITABLE) == 0) {
        seen_table table;
        if (open_seen(&table, t.n) < 0) r = -1;
        else if (t.n && (width != 4 && width != 8)) PyErr_SetString(PyExc_ValueError, "offsets have 4 or 8 bytes");
        else if (t.n && offsets.len / width <= t.n) fail("the offsets of strings are too few", t.n);
        else r = store_texts(&t, &table, &offsets, width, &data);
        PyMem_Free(table.entries);
        arrow_close_texts(&t);
    }
    PyBuffer_Release(&offsets);
    PyBuffer_Release(&data);
    return r < 0 ? NULL : Py_NewRef(Py_None);
}

enum { INLINE = 12, VIEW = 16 }; /* bytes of a value inside of a view, and of a view */

/* Finds the value of a view: a length, and either the value or its buffer and position. */
static int find_view(const uint8_t *view, const Py_buffer *data, Py_ssize_t count, const uint8_t **s, Py_ssize_t *n) {
    int32_t parts[4];
    memcpy(parts, view, VIEW);
    *s = view + 4;
    *n = parts[0];
    if (parts[0] < 0) return -1;
    if (parts[0] <= INLINE) return 0;
    if (parts[2] < 0 || parts[2] >= count || parts[3] < 0) return -1;
    const Py_buffer *b = &data[parts[2]];
    if (parts[3] > b->len || parts[0] > b->len - parts[3]) return -1;
    *s = (const uint8_t *)b->buf + parts[3];
    return 0;
}

static int store_views(arrow_texts_out *t, const seen_table *table, const Py_buffer *views, const Py_buffer *data, Py_ssize_t count) {
    for (Py_ssize_t i = 0; i < t->n; i++) {
        const uint8_t *s;
        Py_ssize_t n;
        if ((i & 0xfff) == 0xfff && PyErr_CheckSignals() < 0) return -1;
        if (is_null(t, i)) {
            store_null(t, i);
            continue;
        }
        if (find_view((const uint8_t *)views->buf + VIEW * i, data, count, &s, &n) < 0) return fail("a view is outside of its data", i);
        if (store(t, table, i, s, n) < 0) return -1;
    }
    return 0;
}

/* Gets the buffers of a list. Returns their number, or -1 with an exception set. */
static Py_ssize_t open_all(PyObject *list, Py_buffer **data) {
    Py_ssize_t n = PyList_GET_SIZE(list), i = 0;
    *data = PyMem_Calloc((size_t)n + 1, sizeof **data);
    if (!*data) PyErr_NoMemory();
    while (*data && i < n && PyObject_GetBuffer(PyList_GET_ITEM(list, i), &(*data)[i], PyBUF_SIMPLE) == 0) i++;
    if (*data && i == n) return n;
    while (i > 0) PyBuffer_Release(&(*data)[--i]);
    PyMem_Free(*data);
    return -1;
}

/* views(out, mask, null, text, views, data) does the same for views; data is a list of buffers. */
PyObject *arrow_views(PyObject *self, PyObject *args) {
    PyObject *out, *mask, *list;
    arrow_texts_out t = {0};
    Py_buffer views, *data;
    int r = -1;
    if (!PyArg_ParseTuple(args, "OOOpy*O!", &out, &mask, &t.null, &t.text, &views, &PyList_Type, &list)) return NULL;
    Py_ssize_t count = open_all(list, &data);
    if (count >= 0 && arrow_open_texts(&t, out, mask, PyBUF_WRITABLE) == 0) {
        seen_table table;
        if (open_seen(&table, t.n) < 0) r = -1;
        else if (views.len / VIEW < t.n) fail("the views of strings are too few", t.n);
        else r = store_views(&t, &table, &views, data, count);
        PyMem_Free(table.entries);
        arrow_close_texts(&t);
    }
    for (Py_ssize_t i = 0; i < count; i++) PyBuffer_Release(&data[i]);
    if (count >= 0) PyMem_Free(data);
    PyBuffer_Release(&views);
    return r < 0 ? NULL : Py_NewRef(Py_None);
}
