"""Loads pickles that were made with pyarrow, which a cell does not have.

pandas 3 stores texts in pyarrow's arrays wherever pyarrow is installed. Their pickles call functions
of pyarrow.lib, which this module provides under that name, without making `import pyarrow` succeed.
The arrays become arrays that need no pyarrow. GAP: the types of such columns are Int64, string,
datetime64 and object instead of int64[pyarrow] and others."""

import functools
import sys
import types

import pandas as pd
from pandas._libs import internals
from pandas._libs.arrays import NDArrayBacked
from pandas.arrays import ArrowExtensionArray, BooleanArray, FloatingArray, IntegerArray
from pandas.core.construction import extract_array
from pandas.core.internals.blocks import ensure_block_shape

from tabcell_guest import arrow_layout, arrow_pandas, arrow_tables, arrow_types

MODULE = "pyarrow.lib"
_REFUSED = "union run_end_encoded list_view large_list_view month_day_nano_interval fixed_shape_tensor uuid json_ bool8 opaque"


def install():
    """Makes the names of pyarrow.lib available to unpicklers, and lets pandas accept its arrays."""
    sys.modules[MODULE] = _module()
    ArrowExtensionArray.__new__ = _new
    pd.StringDtype.__init__ = _init_string_dtype
    pd.StringDtype.__setstate__ = _set_string_dtype
    internals._unpickle_block = _unpickle_block


def find(name):
    """Returns the object that a pickle calls pyarrow.lib.NAME."""
    found = sys.modules[MODULE]
    for part in name.split("."):
        found = getattr(found, part, None)
    return _refused(name) if found is None else found


def _module():
    module = types.ModuleType(MODULE)
    for source in (arrow_types, arrow_tables):
        module.__dict__.update({n: f for n, f in vars(source).items() if getattr(f, "__module__", None) == source.__name__})
    module.__dict__.update({name: _refused(name) for name in _REFUSED.split()})
    module.py_buffer, module.KeyValueMetadata = arrow_layout.Buffer, dict
    return module


def _refused(name):
    def refuse(*args):
        raise arrow_types.ArrowError(f"pyarrow's {name} cannot be loaded: a cell has no pyarrow")

    return refuse


class _Unpickled(NDArrayBacked):
    """An array of pyarrow's that is being unpickled. When its state is known it becomes an array of
    another class, of the same layout in memory."""

    def __setstate__(self, state):
        data, dtype = state.get("_pa_array", state.get("_data")), state.get("_dtype")
        if not isinstance(data, arrow_tables.Array):
            raise arrow_types.ArrowError(f"an ArrowExtensionArray has data of type {type(data).__name__}")
        array = arrow_pandas.extension_array(data.column, dtype.na_value if isinstance(dtype, pd.StringDtype) else pd.NA)
        NDArrayBacked.__init__(self, getattr(array, "_ndarray", _NOTHING._ndarray), array.dtype)
        self.__class__ = _MASKED.get(type(array), type(array))
        self.__dict__.update(array.__dict__)


def _masked(base):
    """Returns a class of masked arrays with the layout of NDArrayBacked, for _Unpickled. All arrays
    that are computed from one of its instances are of the class base."""

    class Masked(base, NDArrayBacked):
        def __new__(cls, *args, **kwargs):
            return base(*args, **kwargs)

        @classmethod
        def _simple_new(cls, values, mask):
            return base._simple_new(values, mask)

        def __reduce__(self):
            return base, (self._data, self._mask)

    Masked.__name__ = Masked.__qualname__ = base.__name__
    return Masked


_MASKED = {base: _masked(base) for base in (BooleanArray, FloatingArray, IntegerArray)}


def _new(cls, *args):
    if args:  # not an unpickler
        raise ImportError("pyarrow is required for PyArrow backed ArrowExtensionArray.")
    array = NDArrayBacked.__new__(_Unpickled)
    NDArrayBacked.__init__(array, _NOTHING._ndarray, _NOTHING._dtype)
    return array


_NOTHING = pd.array([], dtype="string[python]")

_init, _set = pd.StringDtype.__init__, pd.StringDtype.__setstate__


@functools.wraps(_init)
def _init_string_dtype(self, storage=None, na_value=pd.NA):
    _init(self, "python" if storage in (None, "pyarrow") else storage, na_value)


@functools.wraps(_set)
def _set_string_dtype(self, state):
    _set(self, state | {"storage": "python"})


_original = internals._unpickle_block


@functools.wraps(_original)
def _unpickle_block(values, placement, ndim):
    """Accepts one-dimensional arrays of times and objects in the blocks of a DataFrame, too."""
    return _original(ensure_block_shape(extract_array(values, extract_numpy=True), ndim), placement, ndim)
