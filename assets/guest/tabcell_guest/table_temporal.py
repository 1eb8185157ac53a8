"""Arrays of dates, times, durations and intervals, as pyarrow makes them of Python objects."""

import datetime

import numpy as np

from tabcell_guest import table_fields as t
from tabcell_guest import table_zones
from tabcell_guest.table_arrays import Numbers, field, numpy_field
from tabcell_guest.table_errors import ArrowInvalid, ArrowNotImplementedError, ArrowTypeError

_EPOCH = datetime.datetime(1970, 1, 1)
_DAY_ONE = datetime.date(1970, 1, 1).toordinal()
_MICROSECOND = datetime.timedelta(microseconds=1)
_NANOSECONDS = {"hours": 3_600_000_000_000, "minutes": 60_000_000_000, "seconds": 1_000_000_000, "microseconds": 1000, "nanoseconds": 1}


def _convert(values, missing, types, convert, dtype):
    """Returns the numbers of the values, with 0 at nulls."""
    def number(v):
        if not isinstance(v, types):
            raise ArrowTypeError(f"object of type {type(v)} cannot be converted to int")
        return convert(v)

    return np.fromiter((0 if missing is not None and missing[i] else number(v) for i, v in enumerate(values)), dtype, len(values))


def timestamps(values, present, missing):
    zone = present[0].tzinfo
    text = "" if zone is None else table_zones.text(zone if zone.utcoffset(None) is not None or hasattr(zone, "key") else zone)
    if any(v != v for v in present):
        raise ValueError("NaTType does not support utcoffset")

    def convert(v):
        offset = v.utcoffset()
        return (v.replace(tzinfo=None) - _EPOCH - (offset or datetime.timedelta())) // _MICROSECOND

    return Numbers(field(t.TIMESTAMP, unit=2, zone=text), _convert(values, missing, datetime.datetime, convert, np.int64), missing)


def durations(values, present, missing):
    numbers = _convert(values, missing, datetime.timedelta, lambda v: v // _MICROSECOND, np.int64)
    return Numbers(field(t.DURATION, unit=2), numbers, missing)


def dates(values, present, missing):
    numbers = _convert(values, missing, datetime.date, lambda v: v.toordinal() - _DAY_ONE, np.int32)
    return Numbers(field(t.DATE, unit=0), numbers, missing)


def times(values, present, missing):
    def convert(v):
        return ((v.hour * 60 + v.minute) * 60 + v.second) * 1_000_000 + v.microsecond

    return Numbers(field(t.TIME, width=64, unit=2), _convert(values, missing, datetime.time, convert, np.int64), missing)


def intervals(values, present, missing):
    out = np.zeros(len(values), [("months", "<i4"), ("days", "<i4"), ("nanoseconds", "<i8")])
    for i, v in enumerate(values):
        if missing is None or not missing[i]:
            parts = {"days": 1} if not v.kwds else v.kwds
            months, days = 12 * parts.get("years", 0) + parts.get("months", 0), 7 * parts.get("weeks", 0) + parts.get("days", 0)
            out[i] = months, days, sum(n * parts.get(name, 0) for name, n in _NANOSECONDS.items())
    return Numbers(field(t.INTERVAL, unit=2), out, missing)


def numpy_scalars(values, types, missing):
    """Returns the array of datetime64 or timedelta64 scalars."""
    units = sorted({np.datetime_data(d)[0] for d in types})
    if len(units) > 1:
        raise ArrowInvalid(f"Cannot mix NumPy datetime64 units {units[1]} and {units[0]}")
    dtype = next(iter(types))
    array = np.array([np.array("NaT", dtype) if v is None else v for v in values], dtype)
    return numpy_times(array, missing)


def numpy_times(values, missing=None):
    """Returns the array of a numpy array of datetime64 or timedelta64. NaT is a null."""
    unit, kind = np.datetime_data(values.dtype)[0], values.dtype.kind
    nulls = np.isnat(values)
    nulls = nulls if missing is None else nulls | missing
    nulls = nulls if nulls.any() else None
    if kind == "M" and unit == "D":
        return Numbers(field(t.DATE, unit=0), np.where(np.isnat(values), 0, values.view(np.int64)).astype(np.int32), nulls)
    if unit == "generic":
        raise ArrowNotImplementedError("Unbound or generic datetime64 time unit")
    if unit not in t.UNITS:
        raise ArrowNotImplementedError(f"Unsupported {'datetime64' if kind == 'M' else 'timedelta64'} time unit")
    return Numbers(numpy_field(values.dtype), values, nulls)
