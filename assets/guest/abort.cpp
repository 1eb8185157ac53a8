// abort.cpp: ends a script when native code throws or calls longjmp. The guest does not use wasm
// exceptions: C++ code is compiled with -fexceptions -fignore-exceptions, and handlers never run.
// Inside a call of a foreign library a throw ends that call (attempt.c). Elsewhere it reports the
// type and text of the exception to the host and traps. The host discards the cell and responds
// with the text, which names the Python function that called the native code. longjmp
// (build/include/setjmp.h) and a panic of code in Rust do the same.
#include <exception>
#include <initializer_list>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <typeinfo>

extern "C" {

__attribute__((import_module("tabcell"), import_name("abort"))) void host_abort(const char *kind, int32_t kind_len, const char *text,
                                                                                int32_t text_len);

const char *tabcell_caller(void); // caller.c
void tabcell_attempt_failed(const char *text); // attempt.c

[[noreturn]] static void give_up(const char *kind, const char *text) {
    static char message[800];
    tabcell_attempt_failed(*text ? text : kind);
    snprintf(message, sizeof message, "%.400s%s%s", text, *text ? ", in " : "in ", tabcell_caller());
    host_abort(kind, (int32_t)strlen(kind), message, (int32_t)strlen(message));
    __builtin_trap();
}

// Returns whether type is the mangled name of a class whose first base is std::exception, so that
// what() can be called. Only these namespaces are recognised.
static bool has_what(const char *type) {
    for (const char *prefix : {"St", "NSt", "N8pybind11", "N9nanoarrow", "N3fmt"})
        if (!strncmp(type, prefix, strlen(prefix))) return strcmp(type, "Ss") != 0;
    return false;
}

void *__cxa_allocate_exception(size_t size) { return malloc(size + 16); }
void __cxa_free_exception(void *object) { free(object); }

[[noreturn]] void __cxa_throw(void *object, std::type_info *type, void (*)(void *)) {
    const char *name = type ? type->name() : "?";
    give_up(name, object && has_what(name) ? static_cast<std::exception *>(object)->what() : "");
}

[[noreturn]] void __cxa_rethrow(void) { give_up("rethrow", ""); }
[[noreturn]] void tabcell_longjmp(void) { give_up("longjmp", ""); }

// Reports a panic; text has size bytes without a zero at the end (patches/pydantic-core).
[[noreturn]] void tabcell_panic(const char *text, size_t size) {
    char copy[401];
    snprintf(copy, sizeof copy, "%.*s", (int)(size < 400 ? size : 400), text);
    give_up("panic", copy);
}

// These are never called, since handlers are not compiled, but object files may refer to them.
void *__cxa_begin_catch(void *object) { return object; }
void __cxa_end_catch(void) {}
void *__cxa_get_exception_ptr(void *object) { return object; }
void *__cxa_current_exception_type(void) { return nullptr; }

// the only thread never ends
int __cxa_thread_atexit(void (*)(void *), void *, void *) { return 0; }
}
