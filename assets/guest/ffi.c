/* ffi.c: the types and callbacks of libffi's interface. */
#include "ffi.h"
#include <stdlib.h>

#define SCALAR(name, ctype, code) ffi_type ffi_type_##name = {sizeof(ctype), _Alignof(ctype), FFI_TYPE_##code, NULL}
SCALAR(uint8, unsigned char, UINT8);
SCALAR(sint8, signed char, SINT8);
SCALAR(uint16, unsigned short, UINT16);
SCALAR(sint16, short, SINT16);
SCALAR(uint32, unsigned, UINT32);
SCALAR(sint32, int, SINT32);
SCALAR(uint64, unsigned long long, UINT64);
SCALAR(sint64, long long, SINT64);
SCALAR(float, float, FLOAT);
SCALAR(double, double, DOUBLE);
SCALAR(longdouble, long double, LONGDOUBLE);
SCALAR(pointer, void *, POINTER);
ffi_type ffi_type_void = {1, 1, FFI_TYPE_VOID, NULL};

static int by_value(const ffi_type *type) { return type->type != FFI_TYPE_STRUCT && type->type != FFI_TYPE_LONGDOUBLE; }

ffi_status ffi_prep_cif(ffi_cif *cif, ffi_abi abi, unsigned count, ffi_type *result, ffi_type **arguments) {
    if (abi != FFI_DEFAULT_ABI) return FFI_BAD_ABI;
    if (!by_value(result)) return FFI_BAD_TYPEDEF;
    for (unsigned i = 0; i < count; i++)
        if (!by_value(arguments[i])) return FFI_BAD_TYPEDEF;
    *cif = (ffi_cif){count, arguments, result};
    return FFI_OK;
}

static ffi_closure *closures;

void *ffi_closure_alloc(size_t size, void **code) {
    ffi_closure *closure = calloc(1, size);
    if (!closure) return NULL;
    closure->next = closures;
    *code = closures = closure;
    return closure;
}

void ffi_closure_free(void *closure) {
    ffi_closure **link = &closures;
    while (*link && *link != closure) link = &(*link)->next;
    if (!*link) return;
    *link = (*link)->next;
    tabcell_ffi_closed(closure);
    free(closure);
}

ffi_status ffi_prep_closure(ffi_closure *closure, ffi_cif *cif, void (*run)(ffi_cif *, void *, void **, void *), void *data) {
    closure->cif = cif;
    closure->run = run;
    closure->data = data;
    return FFI_OK;
}

ffi_closure *tabcell_ffi_closure(const void *code) {
    ffi_closure *closure = closures;
    while (closure && closure != code) closure = closure->next;
    return closure;
}
