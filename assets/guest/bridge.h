/* bridge.h: what the parts of the bridge share.
 *
 * The bridge is the half of tabcell that lives inside the sandbox. The host starts the interpreter once (tabcell_init), captures its
 * memory, and calls tabcell_evaluate in a fresh copy for each request. A deployed model is loaded once in a copy (tabcell_load), whose
 * memory is captured as well: tabcell_evaluate in a copy of that one queries the model. A script that comes again and again is compiled once, in
 * a cell that sees nothing but its text (tabcell_compile); the host keeps the code. Everything that crosses does so through the imports
 * below: the host copies in and out under its own bounds checks and never keeps a pointer.
 *
 * Vocabulary: input (what the host holds for this call: the request body, the call's context), reply (the finished answer: a kind and
 * bytes), resource (a compiled module or data file of the read-only library), tick (the host's moment to stop the call), service (what a
 * running call may ask of the server). */
#pragma once
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>

#define TABCELL_EXPORT(name) __attribute__((export_name(#name), used, visibility("default")))
#define TABCELL_IMPORT(name) __attribute__((import_module("tabcell"), import_name(#name)))

/* Inputs of a call: the request body, its context, the model to load, what the last service answered, the code that host_code found. Asking for the
 * size of INPUT_PARSED tells the host that the request was read. */
enum { INPUT_BODY = 0, INPUT_CONTEXT = 1, INPUT_MODEL = 2, INPUT_ANSWER = 3, INPUT_CODE = 4, INPUT_PARSED = 16 };

/* Kinds of a reply; runtime/errors.go numbers them alike. */
enum {
    REPLY_VALUE = 0,
    REPLY_SCRIPT = 1,
    REPLY_EMPTY = 2,
    REPLY_DATA = 3,
    REPLY_NAMES = 4,
    REPLY_NO_RESPONSE = 5,
    REPLY_TIMEOUT = 6,
    REPLY_QUERY_BODY = 7,
    REPLY_QUERY = 8,
};

TABCELL_IMPORT(input_size) int32_t host_input_size(int32_t which);
TABCELL_IMPORT(input_read) int32_t host_input_read(int32_t which, void *dst, int32_t cap);
TABCELL_IMPORT(reply_begin) void host_reply_begin(int32_t kind);
TABCELL_IMPORT(reply_write) void host_reply_write(const void *src, int32_t len);
TABCELL_IMPORT(resource_size) int32_t host_resource_size(const char *name, int32_t len);
TABCELL_IMPORT(resource_read) int32_t host_resource_read(const char *name, int32_t len, void *dst, int32_t cap);
TABCELL_IMPORT(code) int32_t host_code(int32_t arguments, const char *script, int32_t len);
TABCELL_IMPORT(ask) int32_t host_ask(const void *request, int32_t len);
TABCELL_IMPORT(tick) void host_tick(void);

/* json_read.c: the request body, behind which there is a zero byte, as Python objects; NULL with an exception set, or NULL without one when
 * the text is not what the fast reader takes (the caller then asks Python's json module, whose errors are TabPy's). */
PyObject *tabcell_json_read(const char *text, size_t len);

/* json_write.c: writes value as JSON to the host's reply, after simplejson's rules; -1 with an exception set. With literals, what is no
 * finite number is written as Python's json does: NaN, Infinity. */
int tabcell_json_write(PyObject *value, PyObject *convert, int kind, int literals);

/* script.c: code that defines the function _user_script(tabpy, *names) with the script as its body. */
PyObject *tabcell_compile_script(const char *source, PyObject *names, int unwrap);

/* entropy.c: fresh state for the generators of random and numpy.random. */
int tabcell_entropy_learn(void);
void tabcell_entropy_renew(void);
