/* foreign.h: the functions that ctypes can call.
 *
 * A guest has no dynamic linker. A library that a package loads with ctypes is linked into it, and
 * has a table of its functions with their types, because a call of a wasm function with the wrong
 * type traps. tools/foreign.py prints such a table from the library's header.
 *
 *   ffi.c          libffi's interface, as far as CPython's _ctypes needs it
 *   foreign.c      finds libraries and functions: dlopen and dlsym
 *   foreign_call.c converts arguments and results, and calls a function of a table
 *   attempt.c      calls a function whose C++ exceptions are caught */
#pragma once
#include <stdint.h>

/* An argument or a result. */
union foreign_value {
    int32_t i;
    int64_t l;
    float f;
    double d;
};

/* A function and its types: a letter for the result and one for each parameter. i stands for 32 bits
 * (integers and pointers), l for 64 bits, f and d for float and double, v for no result, and c for
 * a pointer to a void function of a const char *, or NULL. call calls functions of these types. */
struct foreign_function {
    const char *name;
    void (*address)(void);
    const char *types;
    void (*call)(void (*address)(void), const union foreign_value *arguments, union foreign_value *result);
};

enum { FOREIGN_PARAMETERS = 24 }; /* at most */

/* A library. A name of NULL stands for the interpreter itself. If a function throws a C++
 * exception, its result is that of failed, which gets the exception's text. If failed is NULL, the
 * exception ends the script. */
struct foreign_library {
    const char *name;
    const struct foreign_function *functions;
    int count;
    int32_t (*failed)(const char *text);
};

/* foreign.c: returns the function at an address, and its library, or NULL. */
const struct foreign_function *tabcell_foreign_find(void (*address)(void), const struct foreign_library **library);

/* foreign_python.c: functions of CPython's interface. */
extern const struct foreign_library tabcell_foreign_python;

/* attempt.c: calls run(argument). If it throws a C++ exception, returns the exception's text, which
 * is valid until the next one, and otherwise NULL. The objects on the stack of run are not
 * destroyed. Returns tabcell_attempt_too_deep without a call if too many attempts are nested. */
extern const char tabcell_attempt_too_deep[];
const char *tabcell_attempt_run(void (*run)(void *), void *argument);

/* attempt.c: called when an exception is thrown. Returns if it cannot be caught. */
void tabcell_attempt_failed(const char *text);

/* attempt.c: while Python code runs in a callback, exceptions are not caught, since that would
 * abandon the interpreter's frames. Returns the state for tabcell_attempt_resume. */
int tabcell_attempt_suspend(void);
void tabcell_attempt_resume(int state);
