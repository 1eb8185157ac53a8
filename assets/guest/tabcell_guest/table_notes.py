"""What pandas notes in the schema of a table, so that reading it restores the DataFrame."""

import json
import math
from collections.abc import Sequence

import pandas as pd

from tabcell_guest import table_fields as t
from tabcell_guest import table_zones

_LOGICAL = {t.NULL: "empty", t.BOOL: "bool", t.DATE: "date", t.TIME: "time", t.BINARY: "bytes", t.FIXED_BINARY: "bytes", t.UTF8: "unicode"}
_LABELS = {"bool_": "bool", "str_": "string", "bytes_": "bytes"}
_NUMPY = {"bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64", "string", "bytes"}


def label(name):
    """Returns the name of a column as a text, or None or NaN."""
    if isinstance(name, str):
        return name
    if isinstance(name, bytes):
        return name.decode("utf8")
    if isinstance(name, tuple):
        return str(tuple(map(label, name)))
    if isinstance(name, Sequence):
        raise TypeError("Unsupported type for MultiIndex level")
    return name if name is None or isinstance(name, float) and math.isnan(name) else str(name)


class Index:
    """The index of a DataFrame: levels that become columns, their names, and the descriptions of all
    levels. A RangeIndex is only described."""

    def __init__(self, index, columns):
        self.levels, self.names, self.descriptions = [], [], []
        taken = list(columns)
        for i in range(index.nlevels):
            level = index.get_level_values(i)
            if isinstance(level, pd.RangeIndex):
                self.descriptions.append({"kind": "range", "name": _plain(level.name), "start": level.start, "stop": level.stop, "step": level.step})
                continue
            name = _level_name(level, i, taken)
            taken.append(name)
            self.levels.append(level)
            self.names.append(name)
            self.descriptions.append(name)


def _level_name(level, i, taken):
    if level.name is not None and level.name not in taken:
        return label(level.name)
    while f"__index_level_{i:d}__" in taken:
        i += 1
    return f"__index_level_{i:d}__"


def _plain(name):
    try:
        json.dumps(name)
    except TypeError:
        return str(name)
    return name


def notes(frame, sources, names, index, fields):
    """Returns the notes on a DataFrame as JSON. sources are its columns, and fields those of the
    columns and of the levels of its index."""
    columns = [_note(s, n, str(n), f) for s, n, f in zip(sources, names, fields)]
    levels = [_note(level, label(level.name), name, f) for level, name, f in zip(index.levels, index.names, fields[len(sources) :])]
    kinds = [_label_note(level, name) for level, name in zip(getattr(frame.columns, "levels", [frame.columns]), frame.columns.names)]
    return json.dumps({
        "index_columns": index.descriptions,
        "column_indexes": kinds,
        "columns": columns + levels,
        "attributes": _attributes(frame.attrs),
        "pandas_version": pd.__version__,
    }).encode()


def _attributes(attributes):
    try:
        json.dumps(attributes)
    except Exception:  # the values are the script's
        return {}
    return attributes


def _note(column, name, field_name, field):
    logical, (numpy_type, metadata) = _logical(field), _extension(column)
    if logical == "decimal":
        numpy_type, metadata = "object", {"precision": field.unit, "scale": field.scale}
    if name is not None and not isinstance(name, str) and not (isinstance(name, float) and math.isnan(name)):
        raise TypeError(f"Column name must be a string. Got column {name} of type {type(name).__name__}")
    return {"name": name, "field_name": field_name, "pandas_type": logical, "numpy_type": numpy_type, "metadata": metadata}


def _logical(field):
    """Returns the name of a field's type in the notes."""
    if field.encoding is not None:
        return "categorical"
    if field.extension:
        return "object"
    if field.type == t.INT:
        return f"{'' if field.scale else 'u'}int{field.width}"
    if field.type == t.FLOAT:
        return ("float16", "float32", "float64")[field.unit]
    if field.type == t.LIST:
        return f"list[{_logical(field.children[0])}]"
    if field.type == t.TIMESTAMP:
        return "datetimetz" if field.zone else "datetime"
    return "decimal" if field.type == t.DECIMAL else _LOGICAL.get(field.type, "object")


def _extension(column):
    """Returns the name of a column's type, and facts about it or None."""
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        categories = getattr(column, "cat", column)
        return str(categories.codes.dtype), {"num_categories": len(categories.categories), "ordered": categories.ordered}
    if hasattr(dtype, "tz"):
        return f"datetime64[{dtype.unit}]", {"timezone": table_zones.text(dtype.tz)}
    return str(dtype), None


def _label_note(level, name):
    """Returns the note on a level of the column names."""
    numpy_type, metadata = _extension(level)
    pandas_type = _label_type(level)
    if pandas_type == "unicode":
        metadata = {"encoding": "UTF-8"}
    return {"name": name, "field_name": name, "pandas_type": pandas_type, "numpy_type": numpy_type, "metadata": metadata}


def _label_type(level):
    name = getattr(level.dtype.type, "__name__", "")
    name = _LABELS.get(name, name)
    if name in _NUMPY and not isinstance(level.dtype, pd.api.extensions.ExtensionDtype):
        return name
    if hasattr(level.dtype, "tz"):
        return "datetimetz"
    if str(level.dtype).startswith("datetime64"):
        return str(level.dtype)
    inferred = pd.api.types.infer_dtype(level)
    return "unicode" if inferred == "string" else inferred
