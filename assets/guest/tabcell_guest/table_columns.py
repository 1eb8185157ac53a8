"""The values of arrays as numpy arrays, as to_pandas of pyarrow returns them inside of lists and
structs. Nulls are numpy's missing values where the type has one, otherwise None."""

import datetime
import decimal
import uuid

import _arrow
import numpy as np
import pandas as pd

from tabcell_guest import table_fields as t
from tabcell_guest import table_nested as nested

_DAYS = -719_162, 2_932_896  # from 0001-01-01 to 9999-12-31
_PER_SECOND = (1, 1000, 1_000_000, 1_000_000_000)
_DIGITS = decimal.Context(prec=100, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)


def pieces(field, parts):
    """Returns, for each part (a source and an array) of a column, the values, and an array that is
    true for each null or None. All values have one type."""
    if field.encoding is None and field.type in nested.READERS:
        found = list(zip(nested.READERS[field.type](field, parts), [array.missing() for _, array in parts]))
    else:
        found = [_piece(field, *part) for part in parts]
    types = {v.dtype for v, _ in found}
    if len(types) < 2:
        return found
    common = np.dtype(object) if np.dtype(object) in types else np.result_type(*types)
    return [(v.astype(common), m) for v, m in found]


def _piece(field, source, array):
    if field.encoding is not None:
        return _decoded(source, field, array)
    missing = array.missing()
    if field.extension == b"arrow.uuid" and field.type == t.FIXED_BINARY and field.width == 16:
        return _uuids(field, array, missing), missing
    return _READERS[field.type](field, array, missing), missing


def codes(source, field, array):
    """Returns the indices of a dictionary array, with -1 for nulls, and the dictionary."""
    e = field.encoding
    indices = array.numbers(1, f"<{'i' if e.signed else 'u'}{e.width // 8}", array.length)
    dictionary, missing = source.dictionary(field), array.missing()
    if missing is not None:
        indices = np.where(missing, indices.dtype.type(0), indices)
    if not len(dictionary[0]):  # only nulls are possible
        if missing is None and len(indices) or missing is not None and not missing.all():
            raise field.error("an index is outside of its empty dictionary")
    elif len(indices) and not 0 <= indices.min() <= indices.max() < len(dictionary[0]):
        raise field.error(f"an index is outside of its dictionary of {len(dictionary[0])} values")
    indices = indices.astype(np.int64)
    if missing is not None:
        indices[missing] = -1
    return indices, dictionary


def texts(field, array, null):
    """Returns strings or bytes as an array of objects; equal ones are one object."""
    out, missing, text = np.empty(array.length, object), array.missing(), field.type in t.TEXTS
    mask = None if missing is None else missing.view(np.uint8)
    if field.type in (t.UTF8_VIEW, t.BINARY_VIEW):
        _arrow.views(out, mask, null, text, array.bytes(1), [array.source.part(view) for view in array.views])
    elif array.length:
        width = 8 if field.type in (t.LARGE_UTF8, t.LARGE_BINARY) else 4
        _arrow.texts(out, mask, null, text, array.bytes(1), width, array.bytes(2))
    return out


def _texts(field, array, missing):
    return texts(field, array, None)


def _fixed_binaries(field, array, missing):
    out, mask = np.empty(array.length, object), None if missing is None else missing.view(np.uint8)
    offsets = np.arange(array.length + 1, dtype=np.int64) * field.width
    _arrow.texts(out, mask, None, False, offsets.view(np.uint8), 8, array.bytes(1))
    return out


def _uuids(field, array, missing):
    return _objects((None if b is None else uuid.UUID(bytes=b) for b in _fixed_binaries(field, array, missing)), array.length)


def _objects(iterable, n):
    """Returns n objects as an array."""
    out = np.empty(n, object)
    for i, value in enumerate(iterable):
        out[i] = value
    return out


def _decoded(source, field, array):
    indices, (entries, nulls) = codes(source, field, array)
    missing = indices < 0
    if nulls is not None:
        missing |= nulls[indices]
    if not missing.any():
        return entries[indices], None
    out = entries[indices] if len(entries) else np.empty(array.length, entries.dtype)
    return _with_nulls(out, missing), missing


def _with_nulls(values, missing):
    """Returns the values with a missing value at nulls. Integers become floats, booleans objects."""
    kind = values.dtype.kind
    if missing is None:
        return values
    values = values.astype(np.float64 if kind in "iu" else object if kind == "b" else values.dtype)
    values[missing] = np.nan if kind in "iuf" else np.array("NaT", values.dtype) if kind in "mM" else None
    return values


def _nulls(field, array, missing):
    return np.full(array.length, None)


def _numbers(field, array, missing):
    return _with_nulls(array.numbers(1, field.dtype(), array.length), missing)


def _bools(field, array, missing):
    return _with_nulls(array.bits(1), missing)


def _dates(field, array, missing):
    days = array.numbers(1, "<i4", array.length) if field.unit == 0 else array.numbers(1, "<i8", array.length) // 86_400_000
    days = days.astype(np.int64) if missing is None else np.where(missing, 0, days).astype(np.int64)
    for day in (days.min(), days.max()) if len(days) else ():
        if not _DAYS[0] <= day <= _DAYS[1]:
            raise ValueError(f"year {day.astype('M8[D]').astype('M8[Y]').astype(np.int64) + 1970} is out of range")
    return _with_nulls(days.view("M8[D]").astype(object), missing)


def _times(field, array, missing):
    numbers = array.numbers(1, f"<i{field.width // 8}", array.length)
    numbers = numbers if missing is None else np.where(missing, 0, numbers)
    per_second = _PER_SECOND[field.unit]
    if len(numbers) and not 0 <= numbers.min() <= numbers.max() < 86_400 * per_second:
        raise ValueError("hour must be in 0..23")
    return _each(numbers, missing, lambda n: (datetime.datetime.min + datetime.timedelta(microseconds=n * 1_000_000 // per_second)).time())


def _decimals(field, array, missing):
    width = field.width // 8
    raw = array.numbers(1, f"V{width}", array.length)

    def make(value):
        return decimal.Decimal(int.from_bytes(value, "little", signed=True)).scaleb(-field.scale, _DIGITS)

    return _each(raw, missing, make)


def _each(items, missing, make):
    """Returns the objects that make returns; it is called once for equal items."""
    made, out = {}, np.empty(len(items), object)
    for i, item in enumerate(items.tolist()):
        if missing is not None and missing[i]:
            continue
        value = made.get(item)
        if value is None:
            value = made[item] = make(item)
            if len(made) > 65_536:
                made.clear()
        out[i] = value
    return out


def _intervals(field, array, missing):
    if field.unit != 2:
        raise field.unsupported(("month_interval", "day_time_interval")[field.unit])
    parts = array.numbers(1, [("months", "<i4"), ("days", "<i4"), ("nanoseconds", "<i8")], array.length)
    return _each(parts, missing, lambda p: pd.DateOffset(months=p[0], days=p[1], nanoseconds=p[2]))



_READERS = {
    t.NULL: _nulls,
    t.BOOL: _bools,
    t.DATE: _dates,
    t.TIME: _times,
    t.DECIMAL: _decimals,
    t.INTERVAL: _intervals,
    t.FIXED_BINARY: _fixed_binaries,
    **dict.fromkeys((t.INT, t.FLOAT, t.TIMESTAMP, t.DURATION), _numbers),
    **dict.fromkeys((*t.TEXTS, t.BINARY, t.LARGE_BINARY, t.BINARY_VIEW), _texts),
}
nested.pieces = pieces
