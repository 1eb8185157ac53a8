/* bridge.h: the interface between the host and the guest, and between the files of the bridge.
 *
 * The bridge is the half of tabcell that runs inside the sandbox. The host starts the interpreter
 * once (tabcell_init), captures its memory, and calls tabcell_evaluate in a fresh copy for each
 * request. A deployed model is loaded once in a copy (tabcell_load), whose memory is captured too;
 * tabcell_evaluate in a copy of that memory queries the model. A script that is sent again and
 * again is compiled once, in a cell that receives only its text (tabcell_compile), and the host
 * stores the code. All data crosses through the imports below: the host copies it in and out under
 * its own bounds checks and never keeps a pointer.
 *
 * Vocabulary:
 *   input     data that the host holds for a call, such as the request body
 *   reply     the result of a call: a kind and bytes
 *   resource  a compiled module, a data file or the listing of a folder of the read-only library
 *   service   an operation of the server that a running call may request
 *   tick      the import that gives the host a chance to stop the call
 *
 * This file defines the numbers and names of the interface. tabcell_guest/abi.py and the Go
 * packages runtime and runtime/internal/guest repeat them; runtime/abi_test.go compares them. To
 * add a host function, declare it here and list it in build/imports.txt. */
#pragma once
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>

#define TABCELL_EXPORT(name) __attribute__((export_name(#name), used, visibility("default")))
#define TABCELL_IMPORT(name) __attribute__((import_module("tabcell"), import_name(#name)))

/* Inputs of a call, for host_input_size and host_input_read. */
enum {
    INPUT_BODY = 0,     /* the request body */
    INPUT_CONTEXT = 1,  /* the context of the call, as JSON */
    INPUT_MODEL = 2,    /* the model to load: a line of JSON and the code */
    INPUT_RESPONSE = 3, /* the response of the last service */
    INPUT_CODE = 4,     /* the compiled script that host_code found */
    INPUT_TABLE = 5,    /* the table of the request, an Arrow IPC stream */
    INPUT_ENV = 6,      /* environment variables of the script's grants, as a JSON object */
};

/* Not an input: to ask for its size tells the host that the request has been parsed. */
enum { INPUT_PARSED = 16 };

/* Kinds of a reply. */
enum {
    REPLY_VALUE = 0,       /* the result as JSON, or compiled code */
    REPLY_SCRIPT = 1,      /* the script, its text or its result raised an exception */
    REPLY_EMPTY = 2,       /* the body has no script */
    REPLY_DATA = 3,        /* "data" is not an object */
    REPLY_NAMES = 4,       /* the arguments are not _arg1 .. _argN */
    REPLY_NO_RESPONSE = 5, /* KeyError('response'): the queried endpoint sent no response */
    REPLY_TIMEOUT = 6,     /* the time limit was reached, or the script raised a TimeoutError */
    REPLY_QUERY_BODY = 7,  /* the body of a query is invalid */
    REPLY_QUERY = 8,       /* the model or its result raised an exception */
    REPLY_TABLE = 9,       /* the result as an Arrow IPC stream */
};

/* Why a function of a grant failed. Its result is the negative of the number. host_net_error has
 * the text. */
enum {
    HOST_DENIED = 1,       /* no grant, or a rule of the grant */
    HOST_HANDLE = 2,       /* no such handle */
    HOST_INVALID = 3,      /* a pointer, a length or another argument */
    HOST_AGAIN = 4,        /* the operation would block */
    HOST_TIMEOUT = 5,      /* the time that the script allows is over */
    HOST_INTERRUPTED = 6,  /* the deadline of the call; an exception is pending */
    HOST_NOT_FOUND = 7,    /* no such file, or no such host */
    HOST_RESOLVE = 8,      /* the resolver failed */
    HOST_REFUSED = 9,      /* the other side refused the connection */
    HOST_UNREACHABLE = 10, /* there is no route */
    HOST_RESET = 11,       /* the other side closed the connection */
    HOST_PIPE = 12,        /* sending after the end of the connection */
    HOST_CERTIFICATE = 13, /* the certificate was not accepted */
    HOST_TLS = 14,         /* the TLS handshake failed in another way */
    HOST_LIMIT = 15,       /* a limit of the grant, the account or the server */
    HOST_NOT_FOLDER = 16,
    HOST_IS_FOLDER = 17,
    HOST_IO = 18,          /* reading a file failed */
    HOST_PROXY = 19,       /* the proxy of the grant refused the connection */
};

/* Services, for host_ask. A request is a line of JSON {"service", "name", "body": bytes of the
 * body}, the body, and for SERVICE_DEPLOY an archive. The response is INPUT_RESPONSE. */
#define SERVICE_QUERY "query"   /* POST /query/NAME */
#define SERVICE_LIST "list"     /* GET /endpoints */
#define SERVICE_STATUS "status" /* GET /status */
#define SERVICE_DEPLOY "deploy" /* POST or PUT /endpoints */
#define SERVICE_UPDATE "update" /* PUT /endpoints/NAME that leaves the model unchanged */
#define SERVICE_REMOVE "remove" /* DELETE /endpoints/NAME */

/* Returns the size of an input, or -1 if the call has no such input. */
TABCELL_IMPORT(input_size) int32_t host_input_size(int32_t which);

/* Copies at most cap bytes of an input to dst. Returns their number, or -1. */
TABCELL_IMPORT(input_read) int32_t host_input_read(int32_t which, void *dst, int32_t cap);

/* Starts a reply; a reply that was started before is discarded. */
TABCELL_IMPORT(reply_begin) void host_reply_begin(int32_t kind);

/* Appends bytes to the reply. */
TABCELL_IMPORT(reply_write) void host_reply_write(const void *src, int32_t len);

/* Returns the size of a resource, or -1 if there is none of that name. */
TABCELL_IMPORT(resource_size) int32_t host_resource_size(const char *name, int32_t len);

/* Copies at most cap bytes of a resource to dst. Returns their number, or -1. */
TABCELL_IMPORT(resource_read) int32_t host_resource_read(const char *name, int32_t len, void *dst, int32_t cap);

/* Looks up the compiled code of a script with this number of arguments. If the host has it, returns
 * its size and makes it INPUT_CODE; otherwise returns -1. */
TABCELL_IMPORT(code) int32_t host_code(int32_t arguments, const char *script, int32_t len);

/* Requests a service. Returns an HTTP status, or -1 if the call may not use services or the request
 * is malformed. */
TABCELL_IMPORT(ask) int32_t host_ask(const void *request, int32_t len);

/* Returns, unless the host stops the call. */
TABCELL_IMPORT(tick) void host_tick(void);

/* Calls the export tabcell_attempt. Returns 0 when that has returned, 1 when it has called
 * host_throw, and 2 without a call at the largest depth of nested attempts. */
TABCELL_IMPORT(attempt) int32_t host_attempt(void);

/* Ends the innermost attempt. */
TABCELL_IMPORT(throw) void host_throw(void);

/* json_read.c: parses JSON text that is followed by four zero bytes. Returns NULL with an exception
 * set on failure, and NULL without one if the text has to be parsed by Python's json module, whose
 * errors are TabPy's. */
PyObject *tabcell_json_read(const char *text, size_t len);

/* json_write.c: writes value as JSON to the host's reply, by simplejson's rules. With literals, NaN
 * and infinities are written as Python's json module does: NaN, Infinity, -Infinity. Returns -1
 * with an exception set on failure. */
int tabcell_json_write(PyObject *value, PyObject *convert, int kind, int literals);

/* script.c: returns code that defines the function _user_script(tabpy, *names) with the script as
 * its body. */
PyObject *tabcell_compile_script(const char *source, PyObject *names, int unwrap);

/* fs_python.c: methods of the module _tabcell. */
PyObject *tabcell_dup(PyObject *self, PyObject *args);
PyObject *tabcell_dup2(PyObject *self, PyObject *args);

/* entropy.c: finds the generators of random and numpy.random. Returns -1 with an exception set if
 * their layout is not the expected one. */
int tabcell_entropy_find(void);

/* entropy.c: gives the generators fresh state. */
void tabcell_entropy_renew(void);

/* hashes.c: the module _digests, which supplies the digests that OpenSSL supplies elsewhere. */
PyObject *tabcell_digests_module(void);

/* string_arrays.c: the module _string_arrays, with which pandas handles arrays of strings. */
PyObject *tabcell_string_arrays_module(void);

/* arrow_module.c: the module _arrow, which reads and writes tables. */
PyObject *tabcell_arrow_module(void);

/* sqlite.c: makes the VFS with locks SQLite's default. Returns -1 on failure. */
int tabcell_sqlite_locks(void);

/* net.c: the module _net. */
PyObject *tabcell_net_module(void);

/* The functions of a grant. A result below 0 is the negative of a HOST_* number. Timeouts are in
 * milliseconds: -1 waits until the deadline of the call, 0 does not wait. Without a grant, all of
 * them fail at once. */

/* Facts about a connection, for host_net_info. */
enum {
    INFO_PEER = 1,        /* "address\nport" */
    INFO_TLS_VERSION = 2, /* "TLSv1.3"; empty without TLS */
    INFO_TLS_NAME = 3,    /* the verified name */
    INFO_ERROR = 4,       /* the HOST_* number of a connect that did not wait; 0: connected */
    INFO_CERTIFICATE = 5, /* the server's certificate, in DER */
};

/* Events of host_net_poll. The last three are only returned. */
enum { POLL_READ = 1, POLL_WRITE = 2, POLL_ERROR = 4, POLL_HANGUP = 8, POLL_INVALID = 16 };

/* Kinds of files. */
enum { FILE_REGULAR = 1, FILE_FOLDER = 2 };

/* Writes the addresses of a host, one on each line, if a grant has it with the port or, for port 0,
 * with any. Returns their length. */
TABCELL_IMPORT(net_resolve) int32_t host_net_resolve(const char *host, int32_t len, int32_t port, char *dst, int32_t cap);

/* Connects to an address that net_resolve returned or a grant has. Returns a handle. */
TABCELL_IMPORT(net_connect) int32_t host_net_connect(const char *address, int32_t len, int32_t port, int32_t timeout);

/* Starts TLS. An empty name stands for the one of the grant. */
TABCELL_IMPORT(net_tls) int32_t host_net_tls(int32_t handle, const char *name, int32_t len, int32_t timeout);

/* Sends and receives; both return the number of bytes, which may be less than len or cap. */
TABCELL_IMPORT(net_send) int32_t host_net_send(int32_t handle, const void *src, int32_t len, int32_t timeout);
TABCELL_IMPORT(net_recv) int32_t host_net_recv(int32_t handle, void *dst, int32_t cap, int32_t timeout);

/* how: 0 ends receiving, 1 sending, 2 both. */
TABCELL_IMPORT(net_shutdown) int32_t host_net_shutdown(int32_t handle, int32_t how);
TABCELL_IMPORT(net_close) int32_t host_net_close(int32_t handle);

/* Waits for n entries {i32 handle, u32 events, u32 returned events}. Returns the number of those
 * that are ready. */
TABCELL_IMPORT(net_poll) int32_t host_net_poll(void *entries, int32_t n, int32_t timeout);
TABCELL_IMPORT(net_info) int32_t host_net_info(int32_t handle, int32_t what, void *dst, int32_t cap);

/* Writes the text of the last error of the call. */
TABCELL_IMPORT(net_error) int32_t host_net_error(char *dst, int32_t cap);

/* Writes {u32 kind, u32 0, u64 size, i64 ns since 1970, u64 id} of a file or folder. */
TABCELL_IMPORT(host_stat) int32_t host_stat(const char *path, int32_t len, void *dst, int32_t cap);

/* Opens a file. Returns a handle. */
TABCELL_IMPORT(host_open) int32_t host_open(const char *path, int32_t len);

/* Reads at most cap bytes of a file at an offset of two words. Returns their number. */
TABCELL_IMPORT(host_read) int32_t host_read(int32_t handle, void *dst, int32_t cap, int32_t low, int32_t high);

/* Writes entries {u32 kind, u32 length, name} of a folder, from number first on. Returns the number
 * of bytes, 0 at the end. */
TABCELL_IMPORT(host_list) int32_t host_list(const char *path, int32_t len, void *dst, int32_t cap, int32_t first);
TABCELL_IMPORT(host_close) int32_t host_close(int32_t handle);
