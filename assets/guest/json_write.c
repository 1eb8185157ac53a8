/* json_write.c: writes the result of a script as JSON, by the rules of simplejson.dumps(result,
 * ignore_nan=True), which TabPy uses: separators ", " and ": ", ASCII with \u escapes, NaN and
 * infinities as null, bytes as UTF-8 text, namedtuples and other objects with _asdict() as objects,
 * Decimal as its digits. Unlike simplejson it also writes the values that convert() supports (sets,
 * dates, numpy and pandas values), and an error names the path of the value without a JSON form. */
#include "json_array.h"
#include "json_text.h"

static int write_value(writer *w, PyObject *v);

static PyObject *decimal_type(void) {
    static PyObject *type; /* the image holds it */
    if (!type) {
        PyObject *m = PyImport_ImportModule("decimal");
        type = m ? PyObject_GetAttrString(m, "Decimal") : NULL;
        Py_XDECREF(m);
    }
    return type;
}

/* Adds a step to the path of the value that failed; describe_path joins the steps. Returns -1. */
static int failed_at(writer *w, PyObject *step) {
    if (w->path && step) {
        PyObject *type, *value, *trace;
        PyErr_Fetch(&type, &value, &trace);
        PyList_Append(w->path, step);
        PyErr_Restore(type, value, trace);
    }
    Py_XDECREF(step);
    return -1;
}

/* Raises TypeError for a value without a JSON form; format gets its type's name. Returns -1. */
static int refuse_type(writer *w, const char *format, PyObject *v) {
    PyObject *name = PyType_GetName(Py_TYPE(v));
    if (name) PyErr_Format(PyExc_TypeError, format, name);
    Py_XDECREF(name);
    if (!w->path) w->path = PyList_New(0);
    return -1;
}

/* Enters a container. A circular structure is detected within 64 levels of its first repetition. */
static int enter(writer *w, PyObject *v) {
    if (w->depth == MAX_DEPTH) {
        PyErr_SetString(PyExc_RecursionError, "maximum recursion depth exceeded while calling a Python object");
        return -1;
    }
    for (int i = 0; w->depth % 64 == 63 && i < w->depth; i++)
        if (w->parents[i] == v) {
            PyErr_SetString(PyExc_ValueError, "Circular reference detected");
            return -1;
        }
    w->parents[w->depth++] = v;
    return 0;
}

static int write_item(writer *w, PyObject *item, Py_ssize_t i) {
    if (i && writer_separator(w, ',') < 0) return -1;
    /* the conversion of an item may run the script's code, which may change the list */
    Py_INCREF(item);
    int r = PyFloat_CheckExact(item) ? write_double(w, PyFloat_AS_DOUBLE(item)) : write_value(w, item);
    Py_DECREF(item);
    return r < 0 ? failed_at(w, w->path ? PyLong_FromSsize_t(i) : NULL) : 0;
}

static int write_sequence(writer *w, PyObject *v) {
    if (enter(w, v) < 0 || writer_byte(w, '[') < 0) return -1;
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(v); i++)
        if (write_item(w, PySequence_Fast_GET_ITEM(v, i), i) < 0) return -1;
    w->depth--;
    return writer_byte(w, ']');
}

/* Writes the objects of an array. The buffer keeps the array from being resized by code of the
 * script. */
static int write_objects(writer *w, PyObject *v, const Py_buffer *b) {
    const char *p = b->buf;
    if (enter(w, v) < 0 || writer_byte(w, '[') < 0) return -1;
    for (Py_ssize_t i = 0; i < b->shape[0]; i++, p += b->strides[0]) {
        PyObject *item = *(PyObject *const *)p;
        if (write_item(w, item ? item : Py_None, i) < 0) return -1; /* an empty item of numpy's is None */
    }
    w->depth--;
    return writer_byte(w, ']');
}

/* Returns convert(v): a value with a JSON form. Returns NULL without an exception if there is none,
 * and NULL with an exception set on failure. */
static PyObject *converted_value(writer *w, PyObject *v) {
    PyObject *r = PyObject_CallOneArg(w->convert, v);
    if (r == Py_NotImplemented) Py_CLEAR(r);
    return r;
}

static int write_quoted(writer *w, PyObject *v, int (*write)(writer *, PyObject *)) {
    return writer_byte(w, '"') < 0 || write(w, v) < 0 ? -1 : writer_byte(w, '"');
}

static int write_bytes(writer *w, PyObject *v) {
    PyObject *text = PyUnicode_DecodeUTF8(PyBytes_AS_STRING(v), PyBytes_GET_SIZE(v), NULL);
    int r = text ? write_text(w, text) : -1;
    if (!text && !w->path) w->path = PyList_New(0);
    Py_XDECREF(text);
    return r;
}

static int write_float_value(writer *w, PyObject *v) { return write_double(w, PyFloat_AS_DOUBLE(v)); }

static int write_key(writer *w, PyObject *k, int converted) {
    if (PyUnicode_Check(k)) return write_text(w, k);
    if (PyBytes_Check(k)) return write_bytes(w, k);
    if (k == Py_None) return writer_put(w, "\"null\"", 6);
    if (PyBool_Check(k)) return k == Py_True ? writer_put(w, "\"true\"", 6) : writer_put(w, "\"false\"", 7);
    if (PyFloat_Check(k)) return write_quoted(w, k, write_float_value);
    if (PyLong_Check(k)) return write_quoted(w, k, write_integer);
    PyObject *r = converted || PyTuple_Check(k) ? NULL : converted_value(w, k);
    if (!r) return PyErr_Occurred() ? -1 : refuse_type(w, "keys must be str, int, float, bool or None, not %U", k);
    int e = write_key(w, r, 1);
    Py_DECREF(r);
    return e;
}

static int write_pair(writer *w, PyObject *k, PyObject *v, int first) {
    if (!first && writer_separator(w, ',') < 0) return -1;
    if (write_key(w, k, 0) < 0 || writer_separator(w, ':') < 0) return -1;
    return write_value(w, v) < 0 ? failed_at(w, w->path ? PyObject_Repr(k) : NULL) : 0;
}

static int write_plain_dict(writer *w, PyObject *v) {
    PyObject *k, *item;
    Py_ssize_t pos = 0;
    for (int first = 1; PyDict_Next(v, &pos, &k, &item); first = 0) {
        Py_INCREF(k);
        Py_INCREF(item);
        int r = write_pair(w, k, item, first);
        Py_DECREF(k);
        Py_DECREF(item);
        if (r < 0) return -1;
    }
    return 0;
}

static int write_items(writer *w, PyObject *v) {
    PyObject *items = PyMapping_Items(v); /* a subclass may define its own order */
    int r = items ? 0 : -1;
    for (Py_ssize_t i = 0; r == 0 && i < PyList_GET_SIZE(items); i++) {
        PyObject *pair = PyList_GET_ITEM(items, i);
        if (PyTuple_Check(pair) && PyTuple_GET_SIZE(pair) == 2)
            r = write_pair(w, PyTuple_GET_ITEM(pair, 0), PyTuple_GET_ITEM(pair, 1), i == 0);
        else {
            PyErr_SetString(PyExc_ValueError, "items must return 2-tuples");
            r = -1;
        }
    }
    Py_XDECREF(items);
    return r;
}

static int write_dict(writer *w, PyObject *v) {
    if (enter(w, v) < 0 || writer_byte(w, '{') < 0) return -1;
    if ((PyDict_CheckExact(v) ? write_plain_dict(w, v) : write_items(w, v)) < 0) return -1;
    w->depth--;
    return writer_byte(w, '}');
}

static int write_decimal(writer *w, PyObject *v) {
    PyObject *s = PyObject_Str(v);
    int r = -1;
    if (s && PyUnicode_IS_ASCII(s)) {
        const char *t = (const char *)PyUnicode_1BYTE_DATA(s);
        /* NaN and infinities start with a letter */
        int number = t[0] && strchr("0123456789", t[t[0] == '-']);
        r = number ? writer_put(w, t, (size_t)PyUnicode_GET_LENGTH(s)) : writer_put(w, "null", 4);
    }
    Py_XDECREF(s);
    return r;
}

/* Sets *dict to v._asdict() and returns 1. Returns 0 if v has no such method, -1 with an exception
 * set on failure. */
static int as_dict(PyObject *v, PyObject **dict) {
    PyObject *f;
    int r = PyObject_GetOptionalAttrString(v, "_asdict", &f);
    if (r <= 0) return r;
    if (PyCallable_Check(f)) {
        *dict = PyObject_CallNoArgs(f);
        r = *dict ? 1 : -1;
        if (*dict && !PyDict_Check(*dict)) {
            PyErr_Format(PyExc_TypeError, "_asdict() must return a dict, not %.100s", Py_TYPE(*dict)->tp_name);
            Py_CLEAR(*dict);
            r = -1;
        }
    } else {
        r = 0;
    }
    Py_DECREF(f);
    return r;
}

static int write_other(writer *w, PyObject *v) {
    PyObject *r = NULL;
    Py_buffer objects;
    int found = write_array(w, v);
    if (found) return found < 0 ? -1 : 0;
    if (open_objects(v, &objects)) {
        found = write_objects(w, v, &objects);
        PyBuffer_Release(&objects);
        return found;
    }
    found = as_dict(v, &r);
    if (found < 0) return -1;
    if (!found) {
        if (PyList_Check(v) || PyTuple_Check(v)) return write_sequence(w, v);
        if (PyDict_Check(v)) return write_dict(w, v);
        if (PyObject_TypeCheck(v, (PyTypeObject *)decimal_type())) return write_decimal(w, v);
        r = converted_value(w, v);
        if (!r) return PyErr_Occurred() ? -1 : refuse_type(w, "Object of type %U is not JSON serializable", v);
    }
    int e = enter(w, v) < 0 ? -1 : write_value(w, r);
    if (e == 0) w->depth--;
    Py_DECREF(r);
    return e;
}

static int write_value(writer *w, PyObject *v) {
    if ((++w->count & 0xfff) == 0 && PyErr_CheckSignals() < 0) return -1;
    if (v == Py_None) return writer_put(w, "null", 4);
    if (v == Py_True) return writer_put(w, "true", 4);
    if (v == Py_False) return writer_put(w, "false", 5);
    if (PyUnicode_Check(v)) return write_text(w, v);
    if (PyLong_Check(v)) return write_integer(w, v);
    if (PyFloat_Check(v)) return write_double(w, PyFloat_AS_DOUBLE(v));
    if (PyBytes_Check(v)) return write_bytes(w, v);
    if (PyList_CheckExact(v) || PyTuple_CheckExact(v)) return write_sequence(w, v);
    if (PyDict_CheckExact(v)) return write_dict(w, v);
    return write_other(w, v);
}

/* Returns the path of the value that failed, such as " at [0]['name']", or "" for the result
 * itself. */
static PyObject *path_text(writer *w) {
    Py_ssize_t n = PyList_GET_SIZE(w->path);
    PyObject *path = PyUnicode_FromString(n > 0 ? " at " : "");
    for (Py_ssize_t i = n - 1; path && i >= 0 && i >= n - 16; i--)
        PyUnicode_AppendAndDel(&path, PyUnicode_FromFormat("[%.200S]", PyList_GET_ITEM(w->path, i)));
    if (n > 16) PyUnicode_AppendAndDel(&path, PyUnicode_FromString("..."));
    return path;
}

/* Adds the path and advice to the error of bytes that are not UTF-8, whose text ends with the
 * reason. */
static void describe_bytes(PyObject *error, PyObject *path) {
    PyObject *reason = PyUnicodeDecodeError_GetReason(error);
    PyObject *text = PyUnicode_FromFormat("%V (bytes in the result%U; convert them to text with .decode() or base64)", reason, "", path);
    const char *utf8 = text ? PyUnicode_AsUTF8(text) : NULL;
    if (utf8) PyUnicodeDecodeError_SetReason(error, utf8);
    Py_XDECREF(text);
    Py_XDECREF(reason);
}

/* Adds the path to the text of the error; without it a nested value would be hard to find. */
static void describe_path(writer *w) {
    if (!w->path) return;
    PyObject *error = PyErr_GetRaisedException(), *path = path_text(w), *text = NULL;
    if (path && PyErr_GivenExceptionMatches(error, PyExc_UnicodeDecodeError)) describe_bytes(error, path);
    else if (path && PyUnicode_GET_LENGTH(path) > 0) text = PyUnicode_FromFormat("%S (in the result%U)", error, path);
    PyErr_Clear();
    if (text) PyErr_SetObject((PyObject *)Py_TYPE(error), text);
    else PyErr_SetRaisedException(Py_NewRef(error));
    Py_XDECREF(text);
    Py_XDECREF(path);
    Py_DECREF(error);
}

int tabcell_json_write(PyObject *value, PyObject *convert, int kind, int literals) {
    writer *w = PyMem_Malloc(sizeof *w);
    if (!w) {
        PyErr_NoMemory();
        return -1;
    }
    memset(w, 0, offsetof(writer, parents)); /* the rest is 36 KB, which most replies never touch */
    w->convert = convert;
    w->literals = literals;
    host_reply_begin(kind);
    int r = write_value(w, value);
    if (r == 0) host_reply_write(w->data, (int32_t)w->len);
    else describe_path(w);
    Py_XDECREF(w->path);
    PyMem_Free(w->data);
    PyMem_Free(w);
    return r;
}
