/* foreign_python.c: the functions of ctypes.pythonapi, and those that ctypes itself calls: memmove,
 * memset, and three of _ctypes.c (build/patches/ctypes). */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <string.h>
#include "foreign.h"

PyObject *tabcell_ctypes_string_at(const char *text, int size);
PyObject *tabcell_ctypes_wstring_at(const wchar_t *text, int size);
PyObject *tabcell_ctypes_cast(void *pointer, PyObject *source, PyObject *type);

typedef void (*any)(void);
typedef const union foreign_value *values;

static void call_v_i(any f, values a, union foreign_value *r) {
    r->i = 0;
    ((void (*)(int32_t))f)(a[0].i);
}
static void call_i_(any f, values a, union foreign_value *r) {
    (void)a;
    r->i = ((int32_t(*)(void))f)();
}
static void call_i_i(any f, values a, union foreign_value *r) { r->i = ((int32_t(*)(int32_t))f)(a[0].i); }
static void call_i_ii(any f, values a, union foreign_value *r) { r->i = ((int32_t(*)(int32_t, int32_t))f)(a[0].i, a[1].i); }
static void call_i_iii(any f, values a, union foreign_value *r) {
    r->i = ((int32_t(*)(int32_t, int32_t, int32_t))f)(a[0].i, a[1].i, a[2].i);
}

#define V_I(name) {#name, (any)name, "vi", call_v_i}
#define I_(name) {#name, (any)name, "i", call_i_}
#define I_I(name) {#name, (any)name, "ii", call_i_i}
#define I_II(name) {#name, (any)name, "iii", call_i_ii}
#define I_III(name) {#name, (any)name, "iiii", call_i_iii}

static const struct foreign_function functions[] = {
    I_III(memmove),
    I_III(memset),
    I_II(tabcell_ctypes_string_at),
    I_II(tabcell_ctypes_wstring_at),
    I_III(tabcell_ctypes_cast),
    V_I(Py_IncRef),
    V_I(Py_DecRef),
    I_(Py_GetVersion),
    I_II(PyBytes_FromStringAndSize),
    I_I(PyBytes_AsString),
    I_I(PyBytes_Size),
    V_I(PyBuffer_Release),
    I_III(PyObject_GetBuffer),
    I_III(PyMemoryView_FromMemory),
    I_III(PyCapsule_New),
    I_II(PyCapsule_GetPointer),
    I_I(PyCapsule_GetName),
    I_II(PyCapsule_IsValid),
    I_I(PyObject_Str),
    I_I(PyObject_Repr),
    I_I(PyLong_FromVoidPtr),
    I_I(PyUnicode_AsUTF8),
    I_II(PyDict_GetItem),
    I_III(PyDict_SetItem),
    I_II(PyList_GetItem),
    I_II(PyTuple_GetItem),
};

const struct foreign_library tabcell_foreign_python = {NULL, functions, sizeof functions / sizeof *functions, NULL};
