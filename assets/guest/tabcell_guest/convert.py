"""Values that JSON has no form for, as values that it has. GAP: TabPy refuses nearly all of these; users meet that first of all errors."""

import datetime
import sys


def convert(value):
    """The stand-in of value, or NotImplemented. Sets become lists, dates and times ISO 8601 texts, durations seconds, numpy and pandas
    values plain ones; arrays of numbers are left to json_array.c."""
    if isinstance(value, (set, frozenset)):
        return list(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return None if value != value else value.isoformat()  # pandas.NaT is a date that differs from itself
    if isinstance(value, datetime.timedelta):
        return None if value != value else value.total_seconds()
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    stand_in = _numpy_value(value, numpy) if numpy else NotImplemented
    return _pandas_value(value, numpy, pandas) if stand_in is NotImplemented and pandas else stand_in


def convert_but_sets(value):
    """As convert, for what goes to and comes from models: TabPy refuses sets there in words of its own."""
    return NotImplemented if isinstance(value, (set, frozenset)) else convert(value)


def _numpy_value(value, numpy):
    if isinstance(value, numpy.ndarray):  # a subclass, or elements that are no numbers
        return [_scalar(v, numpy) for v in value] if value.dtype.kind in "mM" and value.ndim else value.tolist()
    return _scalar(value, numpy) if isinstance(value, numpy.generic) else NotImplemented


def _scalar(value, numpy):
    if isinstance(value, (numpy.datetime64, numpy.timedelta64)):
        if numpy.isnat(value):
            return None
        return numpy.datetime_as_string(value) if isinstance(value, numpy.datetime64) else value / numpy.timedelta64(1, "s")
    plain = value.item() if isinstance(value, numpy.generic) else value
    return NotImplemented if type(plain) is type(value) else plain


def _pandas_value(value, numpy, pandas):
    if value is pandas.NA or value is pandas.NaT:
        return None
    if isinstance(value, pandas.DataFrame):
        return _frame(value, numpy)
    if isinstance(value, (pandas.Series, pandas.Index, pandas.api.extensions.ExtensionArray)):
        return _column(value, numpy)
    return str(value) if isinstance(value, (pandas.Period, pandas.Interval)) else NotImplemented


def _frame(frame, numpy):
    """As to_dict(orient="list"), with the columns of numbers as arrays."""
    if not frame.columns.is_unique:
        return frame.to_dict(orient="list")
    return {name: _column(frame.iloc[:, i], numpy) for i, name in enumerate(frame.columns)}


def _column(column, numpy):
    if isinstance(column.dtype, numpy.dtype) and column.dtype.kind in "iufb":
        return column.to_numpy()
    return column.tolist()
