"""Turns pyarrow's columns into pandas objects that need no pyarrow."""

import json
import re

import numpy as np
import pandas as pd
from pandas.arrays import BooleanArray, FloatingArray, IntegerArray, NumpyExtensionArray, StringArray

from tabcell_guest.arrow_columns import times

_EXTENDED = r"U?Int\d+|Float\d+|boolean|string|.*\[pyarrow\]"  # types of pandas columns with pd.NA
_TEXTS = ("string", "large_string", "string_view")


def extension_array(column, na_value=pd.NA):
    """Returns the pandas array for a column of an ArrowDtype or StringDtype: masked numbers,
    times, texts, or Python objects."""
    values = column.values
    missing = np.zeros(len(column), bool) if column.missing is None else column.missing
    if column.type.kind in _TEXTS:
        return StringArray(_fill(values, missing, na_value), dtype=pd.StringDtype("python", na_value))
    if values.dtype.kind in "mM":
        return times(column).array
    if values.dtype == object:
        return NumpyExtensionArray(_fill(values, missing, pd.NA))
    if values.dtype == np.float16:  # pandas has no masked array of this type
        values = values.astype(np.float32)
    if values.dtype.kind == "f":
        return FloatingArray(values, missing | np.isnan(values))
    return (BooleanArray if values.dtype.kind == "b" else IntegerArray)(values, missing)


def series(column):
    """Returns what to_pandas of pyarrow returns for an array."""
    values, missing = column.values, column.missing
    if column.categories is not None:
        return pd.Series(pd.Categorical(column.objects(), categories=pd.Index(column.categories.objects()).unique().dropna()))
    if column.type.kind in _TEXTS:
        return pd.Series(extension_array(column, np.nan))
    if values.dtype.kind in "mM":
        return pd.Series(times(column))
    if missing is None or values.dtype == object:
        return pd.Series(values, dtype=values.dtype)
    if values.dtype.kind == "b":
        return pd.Series(_fill(values.astype(object), missing, None), dtype=object)
    return pd.Series(_fill(values.astype(float) if values.dtype.kind != "f" else values, missing, np.nan))


def frame(schema, columns):
    """Returns what to_pandas of pyarrow returns for a table."""
    notes = json.loads((schema.metadata or {}).get(b"pandas", b"{}"))
    extended = {c.get("field_name") or c["name"] for c in notes.get("columns", ()) if re.fullmatch(_EXTENDED, c["numpy_type"])}
    data = [pd.Series(extension_array(c)) if n in extended else series(c) for n, c in zip(schema.names, columns)]
    result = pd.DataFrame(dict(enumerate(data)))
    result.columns = schema.names
    return _set_labels(result, notes)


def _set_labels(frame, notes):
    """Gives a table the index and the kind of column names that pandas has noted in its schema."""
    index = notes.get("index_columns", [])
    levels = [level for level in index if level in frame.columns] if all(isinstance(level, str) for level in index) else []
    if levels:
        frame = frame.set_index(levels)
        frame.index.names = [None if re.fullmatch(r"__index_level_\d+__", level) else level for level in levels]
    elif len(index) == 1 and isinstance(index[0], dict):
        frame.index = pd.RangeIndex(index[0]["start"], index[0]["stop"], index[0]["step"], name=index[0]["name"])
    for labels in notes.get("column_indexes", ()):
        frame.columns = frame.columns.astype("int64" if labels["numpy_type"] == "int64" else frame.columns.dtype).rename(labels["name"])
    return frame


def _fill(values, missing, value):
    """Returns the values, with the given one at nulls."""
    if missing.any():
        values = values.copy()
        values[missing] = value
    return values
