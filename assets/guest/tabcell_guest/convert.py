"""Values that JSON has no form for, as values that it has. GAP: TabPy refuses all of these; users meet that first of all errors."""

import datetime
import sys


def convert(value):
    """The stand-in of value, or NotImplemented. Sets become lists, dates and times ISO 8601 texts, numpy and pandas values plain ones."""
    if isinstance(value, (set, frozenset)):
        return list(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return None if value != value else value.isoformat()  # pandas.NaT is a date that differs from itself
    return _library_value(value)


def _library_value(value):
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if numpy and isinstance(value, numpy.generic):
        return _scalar(value, numpy)
    if numpy and isinstance(value, numpy.ndarray):
        return [_scalar(v, numpy) for v in value] if value.dtype.kind in "mM" else value.tolist()
    if pandas:
        if value is pandas.NA:
            return None
        if isinstance(value, pandas.DataFrame):
            return value.to_dict(orient="list")
        if isinstance(value, (pandas.Series, pandas.Index, pandas.api.extensions.ExtensionArray)):
            return value.tolist()
    return NotImplemented


def _scalar(value, numpy):
    if isinstance(value, numpy.datetime64):
        return None if numpy.isnat(value) else numpy.datetime_as_string(value)
    plain = value.item()
    return NotImplemented if type(plain) is type(value) or isinstance(value, numpy.timedelta64) else plain
