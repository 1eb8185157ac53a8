/* foreign_call.c: ffi_call. It converts the arguments to the types of the function, whatever types
 * the script has given them, since a wasm call needs the exact ones. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include "ffi.h"
#include "foreign.h"

/* The callback that a library calls with a text; see the type c in foreign.h. */
static ffi_closure *text_callback;

/* Sets an exception. The interpreter's lock is not held during a call. */
static void refuse(PyObject *type, const char *format, ...) {
    PyGILState_STATE state = PyGILState_Ensure();
    va_list list;
    va_start(list, format);
    PyErr_FormatV(type, format, list);
    va_end(list);
    PyGILState_Release(state);
}

static int is_real(const ffi_type *type) { return type->type == FFI_TYPE_FLOAT || type->type == FFI_TYPE_DOUBLE; }

static double load_real(const ffi_type *type, const void *p) { return type->type == FFI_TYPE_FLOAT ? *(const float *)p : *(const double *)p; }

static int64_t load_integer(const ffi_type *type, const void *p) {
    switch (type->type) {
    case FFI_TYPE_UINT8: return *(const uint8_t *)p;
    case FFI_TYPE_SINT8: return *(const int8_t *)p;
    case FFI_TYPE_UINT16: return *(const uint16_t *)p;
    case FFI_TYPE_SINT16: return *(const int16_t *)p;
    case FFI_TYPE_SINT32: return *(const int32_t *)p;
    case FFI_TYPE_UINT64:
    case FFI_TYPE_SINT64: return *(const int64_t *)p;
    default: return *(const uint32_t *)p;
    }
}

/* The function of C code that stands for text_callback. A call of another library inside the
 * callback is not part of the attempt that it interrupts. */
static void call_back(const char *text) {
    if (!text_callback) return;
    int state = tabcell_attempt_suspend();
    ffi_arg result;
    void *arguments[] = {&text};
    text_callback->run(text_callback->cif, &result, arguments, text_callback->data);
    tabcell_attempt_resume(state);
}

void tabcell_ffi_closed(const ffi_closure *closure) {
    if (closure == text_callback) text_callback = NULL;
}

/* Returns whether a callback has one parameter, a pointer, and no result. */
static int takes_text(const ffi_closure *c) {
    return c->cif->nargs == 1 && c->cif->arg_types[0]->type == FFI_TYPE_POINTER && c->cif->rtype->type == FFI_TYPE_VOID;
}

/* Converts a callback to the address of a C function. */
static int convert_callback(int32_t address, union foreign_value *to) {
    ffi_closure *closure = tabcell_ffi_closure((void *)address);
    if (address && (!closure || !takes_text(closure))) return -1;
    if (closure) text_callback = closure;
    to->i = closure ? (int32_t)call_back : 0;
    return 0;
}

/* Converts one argument to the type of a parameter. Returns -1 if that is not possible. */
static int convert(char parameter, const ffi_type *type, const void *from, union foreign_value *to) {
    if ((parameter == 'f' || parameter == 'd') != is_real(type)) return -1;
    switch (parameter) {
    case 'f': to->f = (float)load_real(type, from); return 0;
    case 'd': to->d = load_real(type, from); return 0;
    case 'l': to->l = load_integer(type, from); return 0;
    case 'c': return convert_callback((int32_t)load_integer(type, from), to);
    default: to->i = (int32_t)load_integer(type, from); return 0;
    }
}

static int convert_all(const struct foreign_function *f, const ffi_cif *cif, void **from, union foreign_value *to) {
    unsigned count = (unsigned)strlen(f->types) - 1;
    if (cif->nargs != count) {
        refuse(PyExc_TypeError, "%s takes %u arguments (%u given)", f->name, count, cif->nargs);
        return -1;
    }
    for (unsigned i = 0; i < count; i++)
        if (convert(f->types[1 + i], cif->arg_types[i], from[i], &to[i]) < 0) {
            refuse(PyExc_TypeError, "argument %u of %s has the wrong type", i + 1, f->name);
            return -1;
        }
    return 0;
}

/* Stores a result in the form that libffi's callers expect. */
static void store(char kind, const union foreign_value *from, const ffi_type *type, void *to) {
    int64_t integer = kind == 'l' ? from->l : kind == 'i' ? from->i : 0;
    double real = kind == 'd' ? from->d : kind == 'f' ? from->f : (double)integer;
    switch (type->type) {
    case FFI_TYPE_VOID: return;
    case FFI_TYPE_FLOAT: *(float *)to = (float)real; return;
    case FFI_TYPE_DOUBLE: *(double *)to = real; return;
    case FFI_TYPE_SINT64:
    case FFI_TYPE_UINT64: *(int64_t *)to = integer; return;
    case FFI_TYPE_SINT8: *(ffi_arg *)to = (ffi_arg)(int8_t)integer; return;
    case FFI_TYPE_UINT8: *(ffi_arg *)to = (uint8_t)integer; return;
    case FFI_TYPE_SINT16: *(ffi_arg *)to = (ffi_arg)(int16_t)integer; return;
    case FFI_TYPE_UINT16: *(ffi_arg *)to = (uint16_t)integer; return;
    default: *(ffi_arg *)to = (ffi_arg)integer;
    }
}

struct pending {
    const struct foreign_function *function;
    union foreign_value arguments[FOREIGN_PARAMETERS], result;
};

static void run(void *pending) {
    struct pending *p = pending;
    p->function->call(p->function->address, p->arguments, &p->result);
}

static void call_function(const struct foreign_library *library, struct pending *p) {
    if (!library->failed) {
        run(p);
        return;
    }
    const char *text = tabcell_attempt_run(run, p);
    if (text == tabcell_attempt_too_deep)
        refuse(PyExc_RecursionError, text);
    else if (text)
        p->result.i = library->failed(text);
}

/* Returns whether a callback can be called with the arguments of cif. */
static int fits(const ffi_cif *callback, const ffi_cif *cif) {
    if (callback->nargs != cif->nargs || callback->rtype->type != cif->rtype->type) return 0;
    for (unsigned i = 0; i < cif->nargs; i++)
        if (callback->arg_types[i]->type != cif->arg_types[i]->type) return 0;
    return 1;
}

void ffi_call(ffi_cif *cif, void *function, void *result, void **arguments) {
    const struct foreign_library *library;
    struct pending p = {.function = tabcell_foreign_find((void (*)(void))function, &library)};
    ffi_closure *closure = p.function ? NULL : tabcell_ffi_closure(function);
    if (closure && fits(closure->cif, cif)) {
        closure->run(closure->cif, result, arguments, closure->data);
    } else if (closure) {
        refuse(PyExc_TypeError, "the callback has other types");
    } else if (!p.function) {
        refuse(PyExc_OSError, "foreign functions are not available in a cell; there is none at address %p", function);
    } else if (convert_all(p.function, cif, arguments, p.arguments) == 0) {
        call_function(library, &p);
        store(p.function->types[0], &p.result, cif->rtype, result);
    }
}
