/* ffi.h: the part of libffi's interface that CPython's _ctypes uses, for foreign_call.c. libffi has no
 * version for wasm: it would have to generate code. */
#pragma once
#include <stddef.h>

enum {
    FFI_TYPE_VOID, FFI_TYPE_INT, FFI_TYPE_FLOAT, FFI_TYPE_DOUBLE, FFI_TYPE_LONGDOUBLE, FFI_TYPE_UINT8, FFI_TYPE_SINT8, FFI_TYPE_UINT16,
    FFI_TYPE_SINT16, FFI_TYPE_UINT32, FFI_TYPE_SINT32, FFI_TYPE_UINT64, FFI_TYPE_SINT64, FFI_TYPE_STRUCT, FFI_TYPE_POINTER,
};

typedef struct _ffi_type {
    size_t size;
    unsigned short alignment, type;
    struct _ffi_type **elements;
} ffi_type;

extern ffi_type ffi_type_void, ffi_type_uint8, ffi_type_sint8, ffi_type_uint16, ffi_type_sint16, ffi_type_uint32, ffi_type_sint32,
    ffi_type_uint64, ffi_type_sint64, ffi_type_float, ffi_type_double, ffi_type_longdouble, ffi_type_pointer;

#define ffi_type_uchar ffi_type_uint8
#define ffi_type_schar ffi_type_sint8
#define ffi_type_ushort ffi_type_uint16
#define ffi_type_sshort ffi_type_sint16
#define ffi_type_uint ffi_type_uint32
#define ffi_type_sint ffi_type_sint32
#define ffi_type_ulong ffi_type_uint32
#define ffi_type_slong ffi_type_sint32

typedef unsigned long ffi_arg; /* integers below this size are returned in one */
typedef enum { FFI_OK, FFI_BAD_TYPEDEF, FFI_BAD_ABI } ffi_status;
typedef enum { FFI_DEFAULT_ABI = 1 } ffi_abi;

typedef struct {
    unsigned nargs;
    ffi_type **arg_types, *rtype;
} ffi_cif;

/* A callback. Its code is its own address, which only ffi_call can call. */
typedef struct ffi_closure {
    struct ffi_closure *next;
    ffi_cif *cif;
    void (*run)(ffi_cif *cif, void *result, void **arguments, void *data);
    void *data;
} ffi_closure;

/* Describes a function. Structures cannot be passed or returned by value. */
ffi_status ffi_prep_cif(ffi_cif *cif, ffi_abi abi, unsigned count, ffi_type *result, ffi_type **arguments);

/* Calls a function of a table (foreign.h) or a callback. Sets a Python exception if that is not
 * possible. */
void ffi_call(ffi_cif *cif, void *function, void *result, void **arguments);

void *ffi_closure_alloc(size_t size, void **code);
void ffi_closure_free(void *closure);
ffi_status ffi_prep_closure(ffi_closure *closure, ffi_cif *cif, void (*run)(ffi_cif *, void *, void **, void *), void *data);

/* Returns the callback whose code is at an address, or NULL. */
ffi_closure *tabcell_ffi_closure(const void *code);

/* foreign_call.c: called before a callback is freed. A library that still has its function then calls
 * nothing: the function's address never dangles. */
void tabcell_ffi_closed(const ffi_closure *closure);
