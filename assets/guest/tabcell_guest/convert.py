"""Converts values without a JSON form. GAP: TabPy refuses nearly all of these values, which is the
first error that most users meet."""

import datetime
import sys


def convert(value):
    """Returns a value with a JSON form, or NotImplemented.

    Sets become lists, dates and times ISO 8601 strings, durations seconds, numpy and pandas values
    Python's own. json_array.c writes arrays of numbers directly."""
    if isinstance(value, (set, frozenset)):
        return list(value)
    if isinstance(value, (datetime.date, datetime.time)):
        # pandas.NaT is a date that differs from itself
        return None if value != value else value.isoformat()
    if isinstance(value, datetime.timedelta):
        return None if value != value else value.total_seconds()
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    converted = _numpy_value(value, numpy) if numpy else NotImplemented
    return _pandas_value(value, numpy, pandas) if converted is NotImplemented and pandas else converted


def convert_except_sets(value):
    """Does the same for arguments and results of models, but refuses sets, for which TabPy has its
    own message."""
    return NotImplemented if isinstance(value, (set, frozenset)) else convert(value)


def _numpy_value(value, numpy):
    if isinstance(value, numpy.ndarray):  # a subclass, or an array whose elements are not numbers
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
    """Returns the same as to_dict(orient="list"), but with numeric columns as arrays."""
    if not frame.columns.is_unique:
        return frame.to_dict(orient="list")
    return {name: _column(frame.iloc[:, i], numpy) for i, name in enumerate(frame.columns)}


def _column(column, numpy):
    """Returns a column as an array that json_array.c or json_write.c writes, or as a list."""
    if isinstance(column.dtype, numpy.dtype):
        values = column.to_numpy()
        texts = _moments(values, numpy) if values.dtype.kind == "M" else values if values.dtype.kind in "iufbO" else None
        return column.tolist() if texts is None else texts
    return numpy.asarray(column) if column.dtype == "str" else column.tolist()


def _moments(values, numpy):
    """Returns times as an array of ISO 8601 texts, or None if they are not all whole seconds of years
    with four digits."""
    seconds, missing = values.astype("M8[s]"), numpy.isnat(values)
    years = seconds[~missing].astype("M8[Y]").view(numpy.int64) + 1970
    if (seconds != values)[~missing].any() or (years < 1000).any() or (years > 9999).any():
        return None
    texts = numpy.datetime_as_string(seconds, unit="s").astype(object)
    texts[missing] = None
    return texts
