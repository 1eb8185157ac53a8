/* bridge.c: starts the interpreter, loads a model into it, compiles a script, and runs one evaluation or query in it. */
#include "bridge.h"
#include <marshal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct _frozen tabcell_frozen[];  /* made by the build: encodings, tabcell_guest */
extern struct _inittab tabcell_inittab[];      /* made by the build: the extension modules that are linked in */
extern volatile int _Py_tabcell_interrupt;     /* set by the host: raise at the next safe point (patched into CPython) */
extern PyObject *_Py_tabcell_interrupt_type;   /* the class to raise */

static PyObject *load_function;
static PyObject *compile_function;
static PyObject *evaluate_function; /* of the image: evaluates a script, or queries the model that was loaded */

/* Reads a whole input into fresh memory with four zero bytes behind it, which end the reader's loops. */
static char *read_input(int which, size_t *len) {
    int32_t n = host_input_size(which);
    char *p = n < 0 ? NULL : malloc((size_t)n + 4);
    if (!p) {
        PyErr_NoMemory();
        return NULL;
    }
    *len = (size_t)host_input_read(which, p, n);
    memset(p + *len, 0, 4);
    return p;
}

static PyObject *input_bytes(PyObject *self, PyObject *which) {
    long w = PyLong_AsLong(which);
    if (w == -1 && PyErr_Occurred()) return NULL;
    int32_t n = host_input_size((int32_t)w);
    PyObject *b = PyBytes_FromStringAndSize(NULL, n < 0 ? 0 : n);
    if (b) host_input_read((int32_t)w, PyBytes_AS_STRING(b), n < 0 ? 0 : n);
    return b;
}

/* parsed(which) -> an input as objects, or NotImplemented when Python's json module has to read it. The request's are never freed: their cell ends
 * first. */
static PyObject *parsed(PyObject *self, PyObject *which) {
    size_t len;
    long w = PyLong_AsLong(which);
    if (w == -1 && PyErr_Occurred()) return NULL;
    char *text = read_input((int)w, &len);
    if (!text) return NULL;
    PyObject *r = tabcell_json_read(text, len);
    free(text);
    if (w == INPUT_BODY) {
        host_input_size(INPUT_PARSED);
        Py_XINCREF(r);
    }
    if (!r && !PyErr_Occurred()) Py_RETURN_NOTIMPLEMENTED;
    return r;
}

static PyObject *resource(PyObject *self, PyObject *name) {
    Py_ssize_t n;
    const char *s = PyUnicode_AsUTF8AndSize(name, &n);
    if (!s) return NULL;
    int32_t size = host_resource_size(s, (int32_t)n);
    if (size < 0) Py_RETURN_NONE;
    PyObject *b = PyBytes_FromStringAndSize(NULL, size);
    if (b) host_resource_read(s, (int32_t)n, PyBytes_AS_STRING(b), size);
    return b;
}

static PyObject *has_resource(PyObject *self, PyObject *name) {
    Py_ssize_t n;
    const char *s = PyUnicode_AsUTF8AndSize(name, &n);
    return s ? PyBool_FromLong(host_resource_size(s, (int32_t)n) >= 0) : NULL;
}

/* code(arguments, script) -> what a cell of its own made of the script once (tabcell_compile), or None. A call is answered once: what others run is
 * nothing for a script to find out. */
static PyObject *code(PyObject *self, PyObject *args) {
    int arguments;
    const char *script;
    Py_ssize_t len;
    if (!PyArg_ParseTuple(args, "is#", &arguments, &script, &len)) return NULL;
    if (host_code(arguments, script, (int32_t)len) < 0) Py_RETURN_NONE;
    PyObject *bytes = input_bytes(self, PyLong_FromLong(INPUT_CODE)); /* a small integer, which is not counted */
    PyObject *r = bytes ? PyMarshal_ReadObjectFromString(PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes)) : NULL;
    Py_XDECREF(bytes);
    return r;
}

static PyObject *compile_script(PyObject *self, PyObject *args) {
    const char *source;
    Py_ssize_t len;
    PyObject *names;
    int unwrap;
    if (!PyArg_ParseTuple(args, "s#O!p", &source, &len, &PyList_Type, &names, &unwrap)) return NULL;
    if (strlen(source) != (size_t)len) {
        PyErr_SetString(PyExc_SyntaxError, "source code string cannot contain null bytes");
        return NULL;
    }
    return tabcell_compile_script(source, names, unwrap);
}

/* reply(kind, value, convert, literals=False): the answer leaves the cell. convert(value) turns what JSON has no form for into what it has. The value
 * is never freed, since the cell ends. */
static PyObject *reply(PyObject *self, PyObject *args) {
    int kind, literals = 0;
    PyObject *value, *convert;
    if (!PyArg_ParseTuple(args, "iOO|p", &kind, &value, &convert, &literals)) return NULL;
    Py_INCREF(value);
    if (tabcell_json_write(value, convert, kind, literals) < 0) return NULL;
    Py_RETURN_NONE;
}

/* reply_code(code): compiled code leaves the cell. */
static PyObject *reply_code(PyObject *self, PyObject *value) {
    PyObject *bytes = PyMarshal_WriteObjectToString(value, Py_MARSHAL_VERSION);
    if (!bytes) return NULL;
    host_reply_begin(REPLY_VALUE);
    host_reply_write(PyBytes_AS_STRING(bytes), (int32_t)PyBytes_GET_SIZE(bytes));
    Py_DECREF(bytes);
    Py_RETURN_NONE;
}

/* ask(request) -> a status as HTTP has it, or -1 when the host has no such service; the answer is INPUT_ANSWER then. */
static PyObject *ask(PyObject *self, PyObject *request) {
    if (!PyBytes_Check(request)) return PyErr_Format(PyExc_TypeError, "a request is bytes");
    return PyLong_FromLong(host_ask(PyBytes_AS_STRING(request), (int32_t)PyBytes_GET_SIZE(request)));
}

static PyObject *learn_entropy(PyObject *self, PyObject *ignored) {
    if (tabcell_entropy_learn() < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *interrupt_with(PyObject *self, PyObject *type) {
    Py_XSETREF(_Py_tabcell_interrupt_type, Py_NewRef(type));
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"input", input_bytes, METH_O, "input(which) -> bytes: 0 the request body, 1 the call's context (JSON), 2 a model, 3 a service's answer"},
    {"parsed", parsed, METH_O, "parsed(which) -> an input that is JSON as objects, or NotImplemented"},
    {"resource", resource, METH_O, "resource(name) -> bytes or None: m:dotted.module, f:/lib/path"},
    {"has_resource", has_resource, METH_O, "has_resource(name) -> bool"},
    {"code", code, METH_VARARGS, "code(arguments, script) -> code that was kept for the script, or None"},
    {"compile_script", compile_script, METH_VARARGS, "compile_script(source, names, unwrap) -> code that defines _user_script"},
    {"reply", reply, METH_VARARGS, "reply(kind, value, convert, literals=False): hands the answer to the host"},
    {"reply_code", reply_code, METH_O, "reply_code(code): hands compiled code to the host"},
    {"ask", ask, METH_O, "ask(request) -> status, or -1; the answer is input 3"},
    {"learn_entropy", learn_entropy, METH_NOARGS, "learn_entropy(): finds the generators to renew in each cell"},
    {"interrupt_with", interrupt_with, METH_O, "interrupt_with(type): the exception of the time limit"},
    {NULL, NULL, 0, NULL},
};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_tabcell", "The host's side of a cell.", 0, methods, NULL, NULL, NULL, NULL};
static PyObject *init_module(void) { return PyModuleDef_Init(&definition); }

static int fail(const char *what, PyStatus st) {
    fprintf(stderr, "%s: %s: %s\n", what, st.func ? st.func : "?", st.err_msg ? st.err_msg : "?");
    return 1;
}

/* Isolated configuration: no environment, no site, no user folders, no files; a fixed hash seed, since the image would freeze any. */
static PyStatus configure(PyConfig *c) {
    static const struct { size_t at; const wchar_t *text; } texts[] = {
#define TEXT(field, value) {offsetof(PyConfig, field), value}
        TEXT(program_name, L"python"), TEXT(executable, L"/python"), TEXT(base_executable, L"/python"), TEXT(prefix, L"/"),
        TEXT(exec_prefix, L"/"), TEXT(base_prefix, L"/"), TEXT(base_exec_prefix, L"/"), TEXT(stdlib_dir, L"/lib"),
        TEXT(platlibdir, L"lib"), TEXT(home, L"/"), TEXT(filesystem_encoding, L"utf-8"), TEXT(filesystem_errors, L"surrogateescape"),
        TEXT(stdio_encoding, L"utf-8"), TEXT(stdio_errors, L"backslashreplace"),
#undef TEXT
    };
    PyConfig_InitIsolatedConfig(c);
    c->site_import = c->install_signal_handlers = c->write_bytecode = c->pathconfig_warnings = c->user_site_directory = 0;
    c->use_hash_seed = c->buffered_stdio = c->module_search_paths_set = 1;
    c->hash_seed = 0;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(texts); i++) {
        PyStatus st = PyConfig_SetString(c, (wchar_t **)((char *)c + texts[i].at), texts[i].text);
        if (PyStatus_Exception(st)) return st;
    }
    return PyStatus_Ok();
}

/* tabcell_init() -> 0, or the number of the step that failed (its message is on stderr). */
TABCELL_EXPORT(tabcell_init) int32_t tabcell_init(void) {
    PyPreConfig pre;
    PyPreConfig_InitIsolatedConfig(&pre);
    pre.utf8_mode = 1;
    PyStatus st = Py_PreInitialize(&pre);
    if (PyStatus_Exception(st)) return fail("pre-initialisation", st);
    PyImport_AppendInittab("_tabcell", init_module);
    PyImport_ExtendInittab(tabcell_inittab);
    PyImport_FrozenModules = tabcell_frozen;
    PyConfig c;
    st = configure(&c);
    if (!PyStatus_Exception(st)) st = Py_InitializeFromConfig(&c);
    PyConfig_Clear(&c);
    if (PyStatus_Exception(st)) return fail("initialisation", st);
    PyObject *boot = PyImport_ImportModule("tabcell_guest.boot");
    PyObject *functions = boot ? PyObject_CallMethod(boot, "boot", NULL) : NULL;
    Py_XDECREF(boot);
    if (functions && PyArg_ParseTuple(functions, "OOO", &evaluate_function, &load_function, &compile_function)) return 0; /* the tuple is kept */
    PyErr_Print();
    fflush(stderr);
    return 2;
}

/* tabcell_evaluate() -> 0; the reply is with the host by then. Another value: the bridge itself failed, there is no reply. */
TABCELL_EXPORT(tabcell_evaluate) int32_t tabcell_evaluate(void) {
    tabcell_entropy_renew();
    PyObject *r = PyObject_CallNoArgs(evaluate_function);
    if (!r) {
        PyErr_Print();
        return 1;
    }
    Py_DECREF(r);
    return 0;
}

/* tabcell_load() -> 0: the model is loaded, and from now on tabcell_evaluate queries it; 1: it cannot be loaded. The reply tells of either.
 * Another value: the bridge itself failed, there is no reply. */
TABCELL_EXPORT(tabcell_load) int32_t tabcell_load(void) {
    tabcell_entropy_renew();
    PyObject *query = PyObject_CallNoArgs(load_function);
    if (!query) {
        PyErr_Print();
        return 2;
    }
    if (query == Py_None) return 1;
    evaluate_function = query;
    return 0;
}

/* tabcell_compile() -> 0: the reply is the compiled code of the script that the input tells; another value: there is none. */
TABCELL_EXPORT(tabcell_compile) int32_t tabcell_compile(void) {
    PyObject *r = PyObject_CallNoArgs(compile_function);
    if (!r) {
        PyErr_Clear(); /* a script that does not compile says so where it is run */
        return 1;
    }
    Py_DECREF(r);
    return 0;
}

/* tabcell_interrupt() -> address of two words: the addresses of the interrupt flag and of the eval breaker. The host sets the flag to 1
 * and bit 1 of the breaker, and the interpreter raises at its next safe point. */
TABCELL_EXPORT(tabcell_interrupt) uint32_t *tabcell_interrupt(void) {
    static uint32_t words[2];
    words[0] = (uint32_t)(uintptr_t)&_Py_tabcell_interrupt;
    words[1] = (uint32_t)(uintptr_t)&PyThreadState_Get()->eval_breaker;
    return words;
}

/* Keeps the import of tick alive: only code that the host's rewriter inserts calls it. */
TABCELL_EXPORT(tabcell_tick) void tabcell_tick(void) { host_tick(); }
