"""Stub of ctypes. Libraries can refer to types and their sizes, as they do at import time; calls of
foreign functions fail."""

import struct as _struct


def _refuse(*args, **kwargs):
    raise OSError("foreign functions are not available in a cell")


class ArgumentError(Exception):
    pass


class _Type(type):
    def __mul__(cls, length):
        return _Type(f"{cls.__name__}_Array_{length}", (Array,), {"_type_": cls, "_length_": length})


class _CData(metaclass=_Type):
    def __init__(self, value=0):
        self.value = value


class _SimpleCData(_CData):
    pass


class _Pointer(_CData):
    pass


class Array(_CData):
    pass


class Structure(_CData):
    _fields_ = ()


class Union(_CData):
    _fields_ = ()


class _CFuncPtr(_CData):
    pass


PyCFuncPtr = _CFuncPtr

# The struct format of each type; wasm32 has 32-bit longs and pointers.
_SIMPLE = {
    "c_bool": "?", "c_char": "c", "c_wchar": "i", "c_byte": "b", "c_ubyte": "B", "c_short": "h", "c_ushort": "H", "c_int": "i", "c_uint": "I",
    "c_long": "l", "c_ulong": "L", "c_longlong": "q", "c_ulonglong": "Q", "c_float": "f", "c_double": "d", "c_longdouble": "d",
    "c_size_t": "L", "c_ssize_t": "l", "c_void_p": "P", "c_char_p": "P", "c_wchar_p": "P", "py_object": "P",
    "c_int8": "b", "c_uint8": "B", "c_int16": "h", "c_uint16": "H", "c_int32": "i", "c_uint32": "I", "c_int64": "q", "c_uint64": "Q",
}
for _name, _format in _SIMPLE.items():
    globals()[_name] = _Type(_name, (_SimpleCData,), {"_type_": _format})


def sizeof(kind):
    """Returns the size in bytes of a simple type, a pointer, or an array of these."""
    element = getattr(kind, "_type_", "P")
    if hasattr(kind, "_length_"):
        return sizeof(element) * kind._length_
    return _struct.calcsize(element if isinstance(element, str) else "P")


def POINTER(kind):
    return _Type("LP_" + getattr(kind, "__name__", "void"), (_Pointer,), {"_type_": kind})


def CFUNCTYPE(restype, *argtypes, **flags):
    return _Type("CFunctionType", (_CFuncPtr,), {"_restype_": restype, "_argtypes_": argtypes})


PYFUNCTYPE = CFUNCTYPE


def cast(value, kind):
    """Returns a pointer of another type with the same value. It cannot be dereferenced."""
    return kind(getattr(value, "value", value))


class _Function:
    """A function of pythonapi. restype and argtypes can be set, but a call fails."""

    __call__ = _refuse


class _PythonAPI:
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        function = self.__dict__[name] = _Function()
        return function


class CDLL:
    __init__ = _refuse


PyDLL = CDLL


class LibraryLoader:
    LoadLibrary = __getitem__ = _refuse

    def __init__(self, dlltype):
        pass

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        _refuse()


cdll, pydll, pythonapi = LibraryLoader(CDLL), LibraryLoader(PyDLL), _PythonAPI()
RTLD_LOCAL, RTLD_GLOBAL, DEFAULT_MODE = 0, 256, 0
addressof = byref = create_string_buffer = create_unicode_buffer = get_errno = set_errno = _refuse
memmove = memset = pointer = string_at = wstring_at = _refuse
