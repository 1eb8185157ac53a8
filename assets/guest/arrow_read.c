/* arrow_read.c: a stream as Python objects: tuples of numbers, in which buffers are positions. */
#include "arrow_python.h"

/* The objects of a stream, as far as it has been read. */
typedef struct {
    arrow_stream stream;
    arrow_schema schema;
    PyObject *items; /* dictionaries and batches */
} reading;

PyObject *arrow_error;

/* Raises the error of the stream, unless there is an exception already. Returns NULL. */
static PyObject *raise(const arrow_stream *s) {
    if (PyErr_Occurred() || !s->error[0]) return NULL;
    PyObject *text = PyUnicode_DecodeUTF8(s->error, (Py_ssize_t)strlen(s->error), "replace"); /* names may be anything */
    if (text) PyErr_SetObject(arrow_error, text);
    Py_XDECREF(text);
    return NULL;
}

static PyObject *text_object(flat_string s) { return PyUnicode_DecodeUTF8(s.data ? s.data : "", (Py_ssize_t)s.size, "replace"); }

/* Returns metadata as a list of pairs of bytes. */
static PyObject *pairs_object(reading *r, flat_vector v) {
    flat *b = &r->schema.metadata;
    PyObject *list = PyList_New(0);
    for (uint32_t i = 0; list && i < v.count; i++) {
        flat_table t = flat_item(b, v, i);
        flat_string key = flat_text(b, t, 0), value = flat_text(b, t, 1);
        if (b->bad) arrow_fail(&r->stream, "the metadata of the schema are damaged");
        PyObject *pair = b->bad ? NULL : Py_BuildValue("(y#y#)", key.data ? key.data : "", (Py_ssize_t)key.size, value.data ? value.data : "", (Py_ssize_t)value.size);
        if (!pair || PyList_Append(list, pair) < 0) Py_CLEAR(list);
        Py_XDECREF(pair);
    }
    return list;
}

/* Returns a field as a tuple; see Field in tabcell_guest/table_types.py. */
static PyObject *field_object(reading *r, int at) {
    const arrow_field *f = &r->schema.fields[at];
    PyObject *children = PyList_New(0), *pairs = pairs_object(r, f->pairs), *encoding = NULL;
    for (int i = at + 1; children && i < f->end; i = r->schema.fields[i].end) {
        PyObject *child = field_object(r, i);
        if (!child || PyList_Append(children, child) < 0) Py_CLEAR(children);
        Py_XDECREF(child);
    }
    if (f->dictionary) encoding = Py_BuildValue("(LiOO)", (long long)f->dictionary_id, f->index_width, f->index_signed ? Py_True : Py_False, f->ordered ? Py_True : Py_False);
    else encoding = Py_NewRef(Py_None);
    PyObject *name = text_object(f->name), *zone = text_object(f->zone), *tuple = NULL;
    if (name && zone && children && pairs && encoding)
        tuple = Py_BuildValue("(OOiiiiOOOO)", name, f->nullable ? Py_True : Py_False, f->type, f->width, f->unit, f->scale, zone, encoding, pairs, children);
    Py_XDECREF(name);
    Py_XDECREF(zone);
    Py_XDECREF(encoding);
    Py_XDECREF(pairs);
    Py_XDECREF(children);
    return tuple;
}

static PyObject *buffer_object(arrow_buffer b) { return Py_BuildValue("(nn)", (Py_ssize_t)b.at, (Py_ssize_t)b.size); }

/* Appends an object to a list and releases it. Returns -1 with an exception set on failure. */
static int append(PyObject *list, PyObject *o) {
    int r = o ? PyList_Append(list, o) : -1;
    Py_XDECREF(o);
    return r;
}

static PyObject *array_object(reading *r, arrow_batch *b, int at, int indices, int64_t least);

/* Adds the arrays inside of an array to a list. */
static int add_children(reading *r, arrow_batch *b, int at, const arrow_array *a, PyObject *list) {
    const arrow_field *f = &r->schema.fields[at];
    int64_t least = arrow_child_length(f, a);
    if (least < 0) return arrow_fail(&r->stream, "batch %d has lists with more than %d values in all", r->stream.batch, INT32_MAX);
    for (int i = at + 1; i < f->end; i = r->schema.fields[i].end)
        if (append(list, array_object(r, b, i, r->schema.fields[i].dictionary, least)) < 0) return -1;
    return 0;
}

/* Returns the next array of a batch: (length, nulls, buffers, views, children). */
static PyObject *array_object(reading *r, arrow_batch *b, int at, int indices, int64_t least) {
    arrow_array a;
    arrow_buffer view;
    if (arrow_read_array(b, &r->schema.fields[at], indices, least, &a) < 0) return NULL;
    PyObject *buffers = PyList_New(0), *views = PyList_New(0), *children = PyList_New(0), *tuple = NULL;
    int ok = buffers && views && children;
    for (int i = 0; ok && i < a.count; i++) ok = append(buffers, buffer_object(a.buffers[i])) == 0;
    for (int i = 0; ok && i < a.views; i++) ok = arrow_read_buffer(b, &view) == 0 && append(views, buffer_object(view)) == 0;
    if (ok && !indices) ok = add_children(r, b, at, &a, children) == 0;
    if (ok) tuple = Py_BuildValue("(LLOOO)", (long long)a.length, (long long)a.nulls, buffers, views, children);
    Py_XDECREF(buffers);
    Py_XDECREF(views);
    Py_XDECREF(children);
    return tuple;
}

/* Adds a record batch to the items: (None, rows, arrays). */
static int add_batch(reading *r, arrow_message *m) {
    arrow_batch b;
    r->stream.batch++;
    if (arrow_open_batch(&r->stream, m, m->header, &b) < 0) return -1;
    PyObject *arrays = PyList_New(0);
    int ok = arrays != NULL;
    for (int i = 0; ok && i < r->schema.count; i = r->schema.fields[i].end)
        ok = append(arrays, array_object(r, &b, i, r->schema.fields[i].dictionary, b.length)) == 0;
    if (ok) ok = arrow_close_batch(&b) == 0;
    PyObject *item = ok ? Py_BuildValue("(OLO)", Py_None, (long long)b.length, arrays) : NULL;
    Py_XDECREF(arrays);
    return append(r->items, item);
}

/* Returns the position of a field that a dictionary encodes, or -1. */
static int find_dictionary(const arrow_schema *s, int64_t id) {
    for (int i = 0; i < s->count; i++)
        if (s->fields[i].dictionary && s->fields[i].dictionary_id == id) return i;
    return -1;
}

/* Adds a dictionary to the items: (id, whether it adds to the last one, array). */
static int add_dictionary(reading *r, arrow_message *m) {
    arrow_batch b;
    int64_t id = flat_i64(&m->metadata, m->header, 0, 0);
    int delta = flat_u8(&m->metadata, m->header, 2, 0) != 0, at = find_dictionary(&r->schema, id);
    if (at < 0) return arrow_fail(&r->stream, "no column has the dictionary %lld", (long long)id);
    if (arrow_open_batch(&r->stream, m, flat_child(&m->metadata, m->header, 1), &b) < 0) return -1;
    PyObject *array = array_object(r, &b, at, 0, b.length);
    if (array && arrow_close_batch(&b) < 0) Py_CLEAR(array);
    PyObject *item = array ? Py_BuildValue("(LOO)", (long long)id, delta ? Py_True : Py_False, array) : NULL;
    Py_XDECREF(array);
    return append(r->items, item);
}

/* Reads the messages after the schema. */
static int read_items(reading *r) {
    arrow_message m;
    for (;;) {
        if (PyErr_CheckSignals() < 0 || arrow_next(&r->stream, &m) < 0) return -1;
        if (m.kind == ARROW_END) return 0;
        if (m.kind == ARROW_SCHEMA) return arrow_fail(&r->stream, "the schema changes after batch %d; a table has one schema", r->stream.batch);
        if ((m.kind == ARROW_BATCH ? add_batch(r, &m) : add_dictionary(r, &m)) < 0) return -1;
    }
}

static int read_fields(reading *r, PyObject *fields) {
    for (int i = 0; i < r->schema.count; i = r->schema.fields[i].end)
        if (append(fields, field_object(r, i)) < 0) return -1;
    return 0;
}

static PyObject *read_stream(reading *r) {
    arrow_message m;
    if (arrow_next(&r->stream, &m) < 0) return NULL;
    if (m.kind != ARROW_SCHEMA) {
        arrow_fail(&r->stream, "the table does not begin with a schema");
        return NULL;
    }
    if (arrow_read_schema(&r->stream, &m, &r->schema) < 0) return NULL;
    PyObject *pairs = pairs_object(r, r->schema.pairs), *fields = PyList_New(0), *result = NULL;
    if (pairs && fields && read_fields(r, fields) == 0 && read_items(r) == 0) result = Py_BuildValue("(OOO)", pairs, fields, r->items);
    Py_XDECREF(pairs);
    Py_XDECREF(fields);
    return result;
}

PyObject *arrow_read(PyObject *self, PyObject *source) {
    Py_buffer b;
    if (PyObject_GetBuffer(source, &b, PyBUF_SIMPLE) < 0) return NULL;
    reading r = {.stream = {.data = b.buf, .size = (size_t)b.len}, .items = PyList_New(0)};
    PyObject *result = r.items ? read_stream(&r) : NULL;
    if (!result) raise(&r.stream);
    free(r.schema.fields);
    Py_XDECREF(r.items);
    PyBuffer_Release(&b);
    return result;
}
