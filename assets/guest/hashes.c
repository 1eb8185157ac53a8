/* hashes.c: the module _digests: digests that CPython takes from OpenSSL, HMAC and key derivation.
 * lib/_hashlib.py, its only user, checks the arguments that are not checked here. */
#include "bridge.h"
#include "digests.h"
#include <limits.h>

/* A hash object; md5-sha1 has two contexts, whose digests are joined. */
typedef struct {
    PyObject_HEAD
    PyObject *name;
    int n;
    digest_context contexts[2];
} hash_object;

static PyTypeObject hash_type;

static Py_ssize_t digest_size(const hash_object *h) { return h->contexts[0].algorithm->size + (h->n > 1 ? h->contexts[1].algorithm->size : 0); }

static PyObject *hash_update(PyObject *self, PyObject *data) {
    hash_object *h = (hash_object *)self;
    Py_buffer b;
    if (PyUnicode_Check(data)) return PyErr_Format(PyExc_TypeError, "Strings must be encoded before hashing");
    if (!PyObject_CheckBuffer(data)) return PyErr_Format(PyExc_TypeError, "object supporting the buffer API required");
    if (PyObject_GetBuffer(data, &b, PyBUF_SIMPLE) < 0) return NULL;
    for (int i = 0; i < h->n; i++) digest_update(&h->contexts[i], b.buf, (size_t)b.len);
    PyBuffer_Release(&b);
    Py_RETURN_NONE;
}

static PyObject *hash_digest(PyObject *self, PyObject *ignored) {
    hash_object *h = (hash_object *)self;
    uint8_t out[2 * DIGEST_MAX_SIZE], *end = out;
    for (int i = 0; i < h->n; i++) {
        digest_context c = h->contexts[i];
        digest_finish(&c, end);
        end += c.algorithm->size;
    }
    return PyBytes_FromStringAndSize((char *)out, end - out);
}

static PyObject *hash_hexdigest(PyObject *self, PyObject *ignored) {
    PyObject *bytes = hash_digest(self, NULL);
    PyObject *hex = bytes ? PyObject_CallMethod(bytes, "hex", NULL) : NULL;
    Py_XDECREF(bytes);
    return hex;
}

static PyObject *hash_copy(PyObject *self, PyObject *ignored) {
    hash_object *h = (hash_object *)self, *copy = PyObject_New(hash_object, &hash_type);
    if (!copy) return NULL;
    copy->name = Py_NewRef(h->name);
    copy->n = h->n;
    memcpy(copy->contexts, h->contexts, sizeof copy->contexts);
    return (PyObject *)copy;
}

static void hash_dealloc(PyObject *self) {
    Py_XDECREF(((hash_object *)self)->name);
    PyObject_Free(self);
}

static PyObject *hash_repr(PyObject *self) { return PyUnicode_FromFormat("<%U _hashlib.HASH object @ %p>", ((hash_object *)self)->name, self); }
static PyObject *get_name(PyObject *self, void *ignored) { return Py_NewRef(((hash_object *)self)->name); }
static PyObject *get_size(PyObject *self, void *ignored) { return PyLong_FromSsize_t(digest_size((hash_object *)self)); }
static PyObject *get_block(PyObject *self, void *ignored) { return PyLong_FromLong(((hash_object *)self)->contexts[0].algorithm->block); }

static PyMethodDef hash_methods[] = {
    {"update", hash_update, METH_O, "Update this hash object's state with the provided string."},
    {"digest", hash_digest, METH_NOARGS, "Return the digest value as a bytes object."},
    {"hexdigest", hash_hexdigest, METH_NOARGS, "Return the digest value as a string of hexadecimal digits."},
    {"copy", hash_copy, METH_NOARGS, "Return a copy of the hash object."},
    {0},
};
static PyGetSetDef hash_attributes[] = {{"name", get_name}, {"digest_size", get_size}, {"block_size", get_block}, {0}};

static PyTypeObject hash_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "_hashlib.HASH",
    .tp_basicsize = sizeof(hash_object),
    .tp_dealloc = hash_dealloc,
    .tp_repr = hash_repr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .tp_methods = hash_methods,
    .tp_getset = hash_attributes,
};

static const digest_algorithm *find(const char *name) {
    const digest_algorithm *a = digest_find(name);
    if (!a) PyErr_Format(PyExc_ValueError, "unsupported hash type %s", name);
    return a;
}

/* new(name, algorithm, ...) returns a hash object of one or two algorithms. */
static PyObject *new_hash(PyObject *self, PyObject *args) {
    PyObject *name;
    const char *first, *second = NULL;
    if (!PyArg_ParseTuple(args, "Us|s", &name, &first, &second)) return NULL;
    const digest_algorithm *a = find(first), *b = second ? find(second) : NULL;
    if (!a || (second && !b)) return NULL;
    hash_object *h = PyObject_New(hash_object, &hash_type);
    if (!h) return NULL;
    h->name = Py_NewRef(name);
    h->n = second ? 2 : 1;
    digest_begin(&h->contexts[0], a);
    if (b) digest_begin(&h->contexts[1], b);
    return (PyObject *)h;
}

static PyObject *hmac(PyObject *self, PyObject *args) {
    const char *name;
    Py_buffer key, message;
    if (!PyArg_ParseTuple(args, "sy*y*", &name, &key, &message)) return NULL;
    const digest_algorithm *a = find(name);
    uint8_t out[DIGEST_MAX_SIZE];
    if (a) {
        digest_state inner, outer;
        digest_context c;
        digest_hmac_key(a, key.buf, (size_t)key.len, &inner, &outer);
        digest_resume(&c, a, &inner);
        digest_update(&c, message.buf, (size_t)message.len);
        digest_finish(&c, out);
        digest_resume(&c, a, &outer);
        digest_update(&c, out, a->size);
        digest_finish(&c, out);
    }
    PyBuffer_Release(&key);
    PyBuffer_Release(&message);
    return a ? PyBytes_FromStringAndSize((char *)out, a->size) : NULL;
}

/* pbkdf2(name, password, salt, iterations, length) */
static PyObject *pbkdf2(PyObject *self, PyObject *args) {
    const char *name;
    Py_buffer password, salt;
    long iterations, length;
    if (!PyArg_ParseTuple(args, "sy*y*ll", &name, &password, &salt, &iterations, &length)) return NULL;
    const digest_algorithm *a = find(name);
    PyObject *key = a ? PyBytes_FromStringAndSize(NULL, length) : NULL;
    if (key)
        digest_pbkdf2(a, password.buf, (size_t)password.len, salt.buf, (size_t)salt.len, (uint32_t)iterations, (uint8_t *)PyBytes_AS_STRING(key), (size_t)length);
    PyBuffer_Release(&password);
    PyBuffer_Release(&salt);
    return key;
}

/* Derives the key in its memory: the p parts, and n + 2 blocks to mix them in. */
static PyObject *derive(const Py_buffer *password, const Py_buffer *salt, uint32_t n, uint32_t r, uint32_t p, Py_ssize_t length) {
    const digest_algorithm *a = digest_find("sha256");
    size_t parts = (size_t)128 * r * p;
    uint8_t *b = malloc(parts);
    uint32_t *memory = b ? malloc((size_t)128 * r * (n + 2)) : NULL;
    PyObject *key = memory ? PyBytes_FromStringAndSize(NULL, length) : PyErr_NoMemory();
    if (key) {
        digest_pbkdf2(a, password->buf, (size_t)password->len, salt->buf, (size_t)salt->len, 1, b, parts);
        digest_scrypt_mix(b, memory, n, r, p);
        digest_pbkdf2(a, password->buf, (size_t)password->len, b, parts, 1, (uint8_t *)PyBytes_AS_STRING(key), (size_t)length);
    }
    free(memory);
    free(b);
    return key;
}

/* scrypt(password, salt, n, r, p, maxmem, length). The sizes are checked here again, because they
 * are those of buffers. */
static PyObject *scrypt(PyObject *self, PyObject *args) {
    Py_buffer password, salt;
    unsigned long long n, r, p;
    Py_ssize_t maxmem, length;
    if (!PyArg_ParseTuple(args, "y*y*KKKnn", &password, &salt, &n, &r, &p, &maxmem, &length)) return NULL;
    PyObject *key = NULL;
    uint64_t limit = maxmem > 0 ? (uint64_t)maxmem : 0;
    /* none of the factors exceeds 2^32, so the first two products cannot overflow */
    if (n < 2 || n & (n - 1) || !r || !p || length < 1 || n > UINT32_MAX || r > limit || p > limit || r * p > limit / 128 || n + 2 > limit / 128 / r ||
        128 * r * p + 128 * r * (n + 2) > limit)
        PyErr_SetString(PyExc_ValueError, "[digital envelope routines] memory limit exceeded");
    else
        key = derive(&password, &salt, (uint32_t)n, (uint32_t)r, (uint32_t)p, length);
    PyBuffer_Release(&password);
    PyBuffer_Release(&salt);
    return key;
}

static PyMethodDef methods[] = {
    {"new", new_hash, METH_VARARGS, "new(name, algorithm, ...) -> a hash object of one or two algorithms"},
    {"hmac", hmac, METH_VARARGS, "hmac(algorithm, key, message) -> bytes"},
    {"pbkdf2", pbkdf2, METH_VARARGS, "pbkdf2(algorithm, password, salt, iterations, length) -> bytes"},
    {"scrypt", scrypt, METH_VARARGS, "scrypt(password, salt, n, r, p, maxmem, length) -> bytes"},
    {0},
};

static int exec_module(PyObject *module) {
    if (PyType_Ready(&hash_type) < 0) return -1;
    return PyModule_AddObjectRef(module, "HASH", (PyObject *)&hash_type);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, exec_module}, {0}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_digests", "Digests and key derivation.", 0, methods, slots, NULL, NULL, NULL};

PyObject *tabcell_digests_module(void) { return PyModuleDef_Init(&definition); }
