// abort.cpp: the end of a script that native code gives up on. wasm exceptions are not used, so C++ is built with -fexceptions
// -fignore-exceptions: nothing is ever caught. A throw tells the host what was thrown and traps; the host discards the cell and answers
// with the text, which names the Python function that called the native code. So does longjmp (build/include/setjmp.h).
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

[[noreturn]] static void give_up(const char *kind, const char *text) {
    static char told[800];
    snprintf(told, sizeof told, "%.400s%s%s", text, *text ? ", in " : "in ", tabcell_caller());
    host_abort(kind, (int32_t)strlen(kind), told, (int32_t)strlen(told));
    __builtin_trap();
}

// The mangled names of classes that derive from std::exception first, so that the object can be asked what(); others cannot be told apart.
static bool is_standard(const char *type) {
    for (const char *prefix : {"St", "NSt", "N8pybind11"})
        if (!strncmp(type, prefix, strlen(prefix))) return strcmp(type, "Ss") != 0;
    return false;
}

void *__cxa_allocate_exception(size_t size) { return malloc(size + 16); }
void __cxa_free_exception(void *object) { free(object); }

[[noreturn]] void __cxa_throw(void *object, std::type_info *type, void (*)(void *)) {
    const char *name = type ? type->name() : "?";
    give_up(name, object && is_standard(name) ? static_cast<std::exception *>(object)->what() : "");
}

[[noreturn]] void __cxa_rethrow(void) { give_up("rethrow", ""); }
[[noreturn]] void tabcell_longjmp(void) { give_up("longjmp", ""); }

// Never reached with an exception in hand; handlers are not compiled but may be named.
void *__cxa_begin_catch(void *object) { return object; }
void __cxa_end_catch(void) {}
void *__cxa_get_exception_ptr(void *object) { return object; }
void *__cxa_current_exception_type(void) { return nullptr; }

int __cxa_thread_atexit(void (*)(void *), void *, void *) { return 0; } // the one thread never ends
}
