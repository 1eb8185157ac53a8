/* net.c: the module _net, the network functions of the host for lib/tabcell_sockets. Functions
 * return what the host returns, so that a negative result is the negative of a HOST_* number. */
#include "bridge.h"

#define TEXT_SIZE 1024
#define INFO_SIZE 65536
#define ADDRESSES_SIZE 8192
#define MAX_POLL 1024

struct entry { int32_t handle; uint32_t events, revents; };

/* Returns a result of the host, or NULL if the time limit has raised an exception. */
static PyObject *result(int32_t n) {
    if (n == -HOST_INTERRUPTED && PyErr_CheckSignals() < 0) return NULL;
    return PyLong_FromLong(n);
}

static PyObject *text_or_result(const char *text, int32_t n) { return n < 0 ? result(n) : PyUnicode_DecodeUTF8(text, n, "replace"); }

static PyObject *resolve(PyObject *self, PyObject *args) {
    const char *host;
    Py_ssize_t len;
    int port;
    if (!PyArg_ParseTuple(args, "s#i", &host, &len, &port)) return NULL;
    char *addresses = PyMem_Malloc(ADDRESSES_SIZE);
    if (!addresses) return PyErr_NoMemory();
    PyObject *r = text_or_result(addresses, host_net_resolve(host, (int32_t)len, port, addresses, ADDRESSES_SIZE));
    PyMem_Free(addresses);
    return r;
}

static PyObject *connect_to(PyObject *self, PyObject *args) {
    const char *host;
    Py_ssize_t len;
    int port, timeout;
    if (!PyArg_ParseTuple(args, "s#ii", &host, &len, &port, &timeout)) return NULL;
    return result(host_net_connect(host, (int32_t)len, port, timeout));
}

static PyObject *start_tls(PyObject *self, PyObject *args) {
    const char *name;
    Py_ssize_t len;
    int handle, timeout;
    if (!PyArg_ParseTuple(args, "is#i", &handle, &name, &len, &timeout)) return NULL;
    return result(host_net_tls(handle, name, (int32_t)len, timeout));
}

static PyObject *send_bytes(PyObject *self, PyObject *args) {
    Py_buffer b;
    int handle, timeout;
    if (!PyArg_ParseTuple(args, "iy*i", &handle, &b, &timeout)) return NULL;
    PyObject *r = result(b.len ? host_net_send(handle, b.buf, (int32_t)b.len, timeout) : 0);
    PyBuffer_Release(&b);
    return r;
}

static PyObject *receive(PyObject *self, PyObject *args) {
    int handle, size, timeout;
    if (!PyArg_ParseTuple(args, "iii", &handle, &size, &timeout)) return NULL;
    PyObject *b = PyBytes_FromStringAndSize(NULL, size);
    if (!b) return NULL;
    int32_t n = host_net_recv(handle, PyBytes_AS_STRING(b), size, timeout);
    if (n < 0) {
        Py_DECREF(b);
        return result(n);
    }
    _PyBytes_Resize(&b, n);
    return b;
}

static PyObject *receive_into(PyObject *self, PyObject *args) {
    Py_buffer b;
    int handle, timeout;
    if (!PyArg_ParseTuple(args, "iw*i", &handle, &b, &timeout)) return NULL;
    PyObject *r = result(host_net_recv(handle, b.buf, (int32_t)b.len, timeout));
    PyBuffer_Release(&b);
    return r;
}

static PyObject *shut_down(PyObject *self, PyObject *args) {
    int handle, how;
    if (!PyArg_ParseTuple(args, "ii", &handle, &how)) return NULL;
    return result(host_net_shutdown(handle, how));
}

static PyObject *close_handle(PyObject *self, PyObject *args) {
    int handle;
    if (!PyArg_ParseTuple(args, "i", &handle)) return NULL;
    return result(host_net_close(handle));
}

static int fill(struct entry *entries, PyObject *list, Py_ssize_t n) {
    for (Py_ssize_t i = 0; i < n; i++) {
        int handle, events;
        if (!PyArg_ParseTuple(PyList_GET_ITEM(list, i), "ii", &handle, &events)) return -1;
        entries[i] = (struct entry){handle, (uint32_t)events, 0};
    }
    return 0;
}

static PyObject *list_events(const struct entry *entries, Py_ssize_t n) {
    PyObject *list = PyList_New(n);
    for (Py_ssize_t i = 0; list && i < n; i++) PyList_SET_ITEM(list, i, PyLong_FromLong((long)entries[i].revents));
    return list;
}

static PyObject *wait_for(PyObject *self, PyObject *args) {
    PyObject *list;
    int timeout;
    if (!PyArg_ParseTuple(args, "O!i", &PyList_Type, &list, &timeout)) return NULL;
    Py_ssize_t n = PyList_GET_SIZE(list);
    if (n > MAX_POLL) return PyErr_Format(PyExc_ValueError, "too many file descriptors in select()");
    struct entry *entries = PyMem_Malloc(sizeof *entries * (size_t)(n + 1));
    if (!entries) return PyErr_NoMemory();
    PyObject *r = NULL;
    if (fill(entries, list, n) == 0) {
        int32_t ready = host_net_poll(entries, (int32_t)n, timeout);
        r = ready < 0 ? result(ready) : list_events(entries, n);
    }
    PyMem_Free(entries);
    return r;
}

/* info(handle, what) returns a fact as bytes, which are empty if the host does not have it. */
static PyObject *info(PyObject *self, PyObject *args) {
    int handle, what;
    if (!PyArg_ParseTuple(args, "ii", &handle, &what)) return NULL;
    char *fact = PyMem_Malloc(INFO_SIZE);
    if (!fact) return PyErr_NoMemory();
    int32_t n = host_net_info(handle, what, fact, INFO_SIZE);
    PyObject *r = PyBytes_FromStringAndSize(fact, n < 0 ? 0 : n);
    PyMem_Free(fact);
    return r;
}

static PyObject *error_text(PyObject *self, PyObject *ignored) {
    char text[TEXT_SIZE];
    int32_t n = host_net_error(text, TEXT_SIZE);
    return PyUnicode_DecodeUTF8(text, n < 0 ? 0 : n, "replace");
}

static PyMethodDef methods[] = {
    {"resolve", resolve, METH_VARARGS, "resolve(host, port) -> addresses, one on each line"},
    {"connect", connect_to, METH_VARARGS, "connect(address, port, timeout) -> handle"},
    {"tls", start_tls, METH_VARARGS, "tls(handle, name, timeout) -> 0"},
    {"send", send_bytes, METH_VARARGS, "send(handle, data, timeout) -> number of bytes"},
    {"recv", receive, METH_VARARGS, "recv(handle, size, timeout) -> bytes"},
    {"recv_into", receive_into, METH_VARARGS, "recv_into(handle, buffer, timeout) -> number of bytes"},
    {"shutdown", shut_down, METH_VARARGS, "shutdown(handle, how) -> 0"},
    {"close", close_handle, METH_VARARGS, "close(handle) -> 0"},
    {"poll", wait_for, METH_VARARGS, "poll([(handle, events), ...], timeout) -> [events, ...]"},
    {"info", info, METH_VARARGS, "info(handle, what) -> bytes"},
    {"error", error_text, METH_NOARGS, "error() -> the text of the last error"},
    {NULL, NULL, 0, NULL},
};

static int add_numbers(PyObject *module) {
    static const struct { const char *name; int value; } numbers[] = {
        {"DENIED", HOST_DENIED},           {"HANDLE", HOST_HANDLE}, {"INVALID", HOST_INVALID},         {"AGAIN", HOST_AGAIN},
        {"TIMEOUT", HOST_TIMEOUT},         {"INTERRUPTED", HOST_INTERRUPTED}, {"NOT_FOUND", HOST_NOT_FOUND}, {"RESOLVE", HOST_RESOLVE},
        {"REFUSED", HOST_REFUSED},         {"UNREACHABLE", HOST_UNREACHABLE}, {"RESET", HOST_RESET},   {"PIPE", HOST_PIPE},
        {"CERTIFICATE", HOST_CERTIFICATE}, {"TLS", HOST_TLS}, {"LIMIT", HOST_LIMIT}, {"IO", HOST_IO},  {"PROXY", HOST_PROXY},
        {"INFO_PEER", INFO_PEER},          {"INFO_TLS_VERSION", INFO_TLS_VERSION}, {"INFO_TLS_NAME", INFO_TLS_NAME},
        {"INFO_ERROR", INFO_ERROR},        {"INFO_CERTIFICATE", INFO_CERTIFICATE},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(numbers); i++)
        if (PyModule_AddIntConstant(module, numbers[i].name, numbers[i].value) < 0) return -1;
    return 0;
}

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_net", "The connections that a grant allows.", -1, methods, NULL, NULL, NULL, NULL};

PyObject *tabcell_net_module(void) {
    PyObject *module = PyModule_Create(&definition);
    if (module && add_numbers(module) < 0) Py_CLEAR(module);
    return module;
}
