"""Makes arrays of Python objects, with the types that pyarrow infers for them, and its errors."""

import datetime
import decimal
import uuid

import numpy as np
import pandas as pd

from tabcell_guest import table_fields as t
from tabcell_guest import table_temporal as temporal
from tabcell_guest.table_arrays import Bools, Lists, Nulls, Numbers, Structs, Texts, field, numpy_field
from tabcell_guest.table_errors import ArrowInvalid, ArrowTypeError

BINARY = (bytes, bytearray, memoryview)


def array(values, pandas=False):
    """Returns the array of a list of objects. None is a null; so are pandas' missing values, if
    pandas is true."""
    missing = np.fromiter((v is None for v in values), bool, len(values))
    if pandas:
        missing |= _missing(values)
    present = [v for v, m in zip(values, missing) if not m] if missing.any() else values
    if not present:
        return Nulls(len(values))
    make = _MAKERS[_kind(present)]
    return make(values, present, missing if missing.any() else None)


def _missing(values):
    objects = np.empty(len(values), object)
    objects[:] = values
    missing = np.zeros(len(values), bool)
    for i, v in enumerate(values):
        missing[i] = v is pd.NaT or v is pd.NA or (isinstance(v, (float, decimal.Decimal, np.floating)) and v != v)
    return missing


_FIRST = (  # in the order in which pyarrow tries them; bool is an int, datetime a date
    ((bool, np.bool_), "bool"),
    (float, "float"),
    (int, "int"),
    (datetime.datetime, "timestamp"),
    (datetime.timedelta, "duration"),
    (datetime.date, "date"),
    (datetime.time, "time"),
    (BINARY, "binary"),
    (str, "text"),
    (decimal.Decimal, "decimal"),
    (dict, "struct"),
    ((list, tuple, set, frozenset, np.ndarray), "list"),
    (uuid.UUID, "uuid"),
    (pd.DateOffset, "interval"),
    (np.generic, "numpy"),
)


def _kind_of(value):
    for types, kind in _FIRST:
        if isinstance(value, types):
            return kind
    raise _not_recognised(value)


def _not_recognised(value):
    return ArrowInvalid(f"Could not convert {_repr(value)} with type {_type(value)}: did not recognize Python value type when inferring an Arrow data type")


def _not_converted(value, type):
    return ArrowInvalid(f"Could not convert {_repr(value)} with type {_type(value)}: tried to convert to {type}")


def _repr(value):
    text = repr(value)
    return text if len(text) <= 1000 else text[:1000] + "..."


def _type(value):
    return type(value).__name__


def _kind(present):
    """Returns the kind of the values that are not null. Only integers, decimals, numpy's numbers,
    lists and structs leave it to later values."""
    seen = set()
    for kind in _kinds(present):
        seen.add(kind)
        if kind not in ("int", "decimal", "numpy", "list", "struct"):
            break
    for nested in ("list", "struct"):
        if nested in seen and len(seen) > 1:
            raise ArrowInvalid(f"cannot mix {nested} and non-{nested}, non-null values")
    for kind in ("decimal", "float", "int"):
        if kind in seen and (kind == "decimal" or "numpy" not in seen):
            return kind
    return "numpy" if "numpy" in seen else seen.pop()


def _kinds(present):
    """Yields the kinds of the values; those of one type share one."""
    last = kind = None
    for value in present:
        if type(value) is not last:
            last, kind = type(value), _kind_of(value)
        yield kind


def _bools(values, present, missing):
    for v in present:
        if not isinstance(v, (bool, np.bool_)):
            raise _not_converted(v, "boolean")
    return Bools(np.fromiter((v is not None and bool(v) for v in _filled(values, missing, False)), bool, len(values)), missing)


def _filled(values, missing, value):
    """Returns the values with the given one at nulls."""
    return values if missing is None else [value if m else v for v, m in zip(values, missing)]


def _integers(values, present, missing):
    for v in present:
        if type(v) is int:
            continue
        if isinstance(v, bool):
            raise ArrowTypeError("Expected integer, got bool")
        if not isinstance(v, (int, np.integer)):
            raise _not_converted(v, "int64")
    try:
        return Numbers(field(t.INT, width=64, scale=1), np.array(_filled(values, missing, 0), np.int64), missing)
    except OverflowError:
        raise OverflowError("Python int too large to convert to C long") from None


def _floats(values, present, missing):
    for v in present:
        if type(v) is float:
            continue
        if not isinstance(v, (float, int, np.floating, np.integer, np.bool_)):
            raise _not_converted(v, "double")
        if isinstance(v, int) and abs(v) > 2**53:
            raise ArrowInvalid("PyLong is too large to fit int64" if not -(2**63) <= v < 2**63 else
                               f"Integer value {v} is outside of the range exactly representable by a IEEE 754 double precision value")
    return Numbers(field(t.FLOAT, unit=2), np.array(_filled(values, missing, 0.0), np.float64), missing)


def _numpys(values, present, missing):
    """Numbers of numpy, perhaps with Python's."""
    types = {v.dtype if isinstance(v, np.generic) else np.dtype(type(v)) for v in present if isinstance(v, (np.generic, int, float))}
    kinds = {d.kind for d in types}
    for v in present:
        if not isinstance(v, (np.generic, int, float)):
            raise _not_converted(v, str(types.pop()))
    if {"i", "u"} <= kinds:
        first, second = (next(d for d in types if d.kind == k) for k in ("u", "i"))
        raise ArrowInvalid(f"Cannot mix NumPy dtypes {first} and {second}")
    if kinds & set("Mm"):
        return temporal.numpy_scalars(values, types, missing)
    dtype = np.result_type(*types)
    return Numbers(numpy_field(dtype), np.array(_filled(values, missing, 0), dtype), missing)


def _objects(values):
    out = np.empty(len(values), object)
    for i, v in enumerate(values):
        out[i] = v
    return out


def _texts(values, present, missing):
    binary = False
    for v in present:
        if not isinstance(v, str):
            if not isinstance(v, BINARY):
                raise ArrowTypeError(f"Expected bytes, got a '{_type(v)}' object")
            binary = True
    return _binaries(values, present, missing) if binary else Texts(_objects(values), missing)


def _binaries(values, present, missing):
    for v in present:
        if not isinstance(v, (str, *BINARY)):
            raise ArrowTypeError(f"Expected bytes, got a '{_type(v)}' object")
    plain = [v.encode() if isinstance(v, str) else bytes(v) if isinstance(v, BINARY) else v for v in values]
    return Texts(_objects(plain), missing, text=False)


def _decimals(values, present, missing):
    from tabcell_guest import table_decimals

    return table_decimals.array(values, present, missing)


def _lists(values, present, missing):
    arrays = [v for v in present if isinstance(v, np.ndarray)]
    for v in arrays:
        if v.ndim != 1:
            raise ArrowInvalid(f"Can only convert 1-dimensional array values of {t_text(_lists([v.ravel()], [v.ravel()], None).field)} to a variable-sized list")
    lengths = np.fromiter((0 if v is None else len(v) for v in _filled(values, missing, None)), np.int64, len(values))
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    if arrays and len(arrays) == len(present) and all(a.dtype.kind in "iufbMmUS" for a in arrays):
        from tabcell_guest import table_sources

        return Lists(offsets, table_sources.numpy_array(np.concatenate(arrays)), missing)
    return Lists(offsets, array([item for v in present for item in v]), missing)


def t_text(f):
    from tabcell_guest import table_names

    return table_names.text(f)


def _structs(values, present, missing):
    names = {}
    for v in present:
        for key in v:
            if not isinstance(key, (str, bytes)):
                raise ArrowTypeError(f"Expected dict key of type str or bytes, got '{_type(key)}'")
            names.setdefault(key)
    rows = _filled(values, missing, {})
    children = [array([row.get(name) for row in rows]) for name in names]
    return Structs(len(values), [n.decode() if isinstance(n, bytes) else n for n in names], children, missing)


def _uuids(values, present, missing):
    for v in present:
        if not isinstance(v, uuid.UUID):
            raise _not_converted(v, "uuid")
    data = b"".join(b"\0" * 16 if v is None else v.bytes for v in _filled(values, missing, None))
    pairs = [(t.EXTENSION, b"arrow.uuid"), (b"ARROW:extension:metadata", b"")]
    return Numbers(field(t.FIXED_BINARY, width=16, pairs=pairs), np.frombuffer(data, "V16"), missing)


_MAKERS = {
    "bool": _bools, "int": _integers, "float": _floats, "numpy": _numpys, "text": _texts, "binary": _binaries, "decimal": _decimals,
    "list": _lists, "struct": _structs, "uuid": _uuids, "timestamp": temporal.timestamps, "duration": temporal.durations,
    "date": temporal.dates, "time": temporal.times, "interval": temporal.intervals,
}
