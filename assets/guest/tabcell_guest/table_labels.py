"""The index, the column names and the types that pandas has noted in the schema of a table."""

import ast
import decimal
import functools
import re

import numpy as np
import pandas as pd
from pandas.api.internals import create_dataframe_from_blocks
from pandas.arrays import BooleanArray, FloatingArray, IntegerArray

from tabcell_guest import table_zones
from tabcell_guest.table_errors import ArrowInvalid

_NUMPY = {"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64", "object", "bool"}
_LABELS = {"date": "datetime64[D]", "datetime": "datetime64[ns]", "unicode": "str", "string": "str", "integer": "int64", "floating": "float64",
           "decimal": "object", "empty": "object"}


def _checked(method):
    """Makes errors of a method of Labels errors of the stream: a client has sent the notes."""

    @functools.wraps(method)
    def call(self, *args):
        try:
            return method(self, *args)
        except (ArithmeticError, AttributeError, LookupError, RecursionError, SyntaxError, TypeError) as e:
            if not self.notes:
                raise
            raise ArrowInvalid(f"pandas' notes in the schema are damaged ({type(e).__name__}: {str(e)[:200]})") from None

    return call


class Labels:
    """How the columns of a table become a DataFrame. Without notes it has a RangeIndex, and the
    columns have their names."""

    @_checked
    def __init__(self, notes, names):
        self.notes, self.names = notes or {}, names
        self.columns = self.notes.get("columns", [])
        self.by_field = {c.get("field_name", c["name"]): c for c in self.columns}

    @_checked
    def extended(self, i):
        """Returns the extension type that is noted for a column, or None."""
        name = self.names[i]
        note = self.by_field.get(name)
        dtype = note["numpy_type"] if note and name not in self._index_names() else None
        if dtype is None or dtype in _NUMPY:
            return None
        dtype = pd.api.types.pandas_dtype(dtype)
        return dtype if isinstance(dtype, pd.api.extensions.ExtensionDtype) else None

    def _index_names(self):
        return [d for d in self.notes.get("index_columns", ()) if isinstance(d, str)]

    @_checked
    def frame(self, columns, rows):
        """Returns the DataFrame of the columns."""
        index, used = self._index(columns, rows)
        left = [i for i in range(len(columns)) if i not in used]
        blocks = [(c.reshape(1, -1) if isinstance(c, np.ndarray) else c, np.array([at])) for at, c in enumerate(columns[i] for i in left)]
        frame = create_dataframe_from_blocks(blocks, index=index, columns=self._names([self.names[i] for i in left]))
        frame.attrs = self.notes.get("attributes", {})
        return frame

    def _index(self, columns, rows):
        """Returns the index, and the positions of the columns that are part of it."""
        levels, names, used = [], [], set()
        for d in self.notes.get("index_columns", ()):
            if isinstance(d, str):
                at = self.names.index(d) if self.names.count(d) == 1 else -1
                if at < 0:
                    continue
                used.add(at)
                level, name = pd.Series(columns[at]), _level_name(d, self.by_field[d]["name"])
            elif d["kind"] == "range":
                level, name = pd.RangeIndex(d["start"], d["stop"], d["step"]), d["name"]
                if len(level) != rows:
                    continue
            else:
                raise ValueError(f"Unrecognized index kind: {d['kind']}")
            levels.append(level)
            names.append(name)
        if len(levels) > 1:
            return pd.MultiIndex.from_arrays(levels, names=names), used
        return (pd.Index(levels[0]).set_names(names[0]) if levels else pd.RangeIndex(rows)), used

    def _names(self, names):
        """Returns the names of columns with the kind that is noted for them."""
        kinds = self.notes.get("column_indexes", [])
        names = [self.by_field[n]["name"] if n in self.by_field else n for n in names]
        if len(kinds) > 1:
            index = pd.MultiIndex.from_tuples([ast.literal_eval(n) for n in names], names=[k["name"] for k in kinds])
            return index.set_levels([_labels(level, kind) for level, kind in zip(index.levels, kinds)])
        index = pd.Index(names, name=kinds[0]["name"] if kinds else None)
        return _labels(index, kinds[0]) if kinds else index


def _level_name(field, name):
    return None if field == name and re.fullmatch(r"__index_level_\d+__", field) else name


def _labels(index, kind):
    """Returns column names, which are texts, with the type that is noted."""
    pandas_type, numpy_type = kind.get("pandas_type", str(index.dtype)), kind.get("numpy_type")
    if pandas_type == "bytes":
        return index.map(lambda n: n.encode())
    if pandas_type == "datetimetz":
        zone = table_zones.zone(kind["metadata"]["timezone"])
        return pd.to_datetime(index, utc=True).tz_convert(zone).as_unit(np.datetime_data(numpy_type)[0])
    if pandas_type == "decimal":
        return pd.Index([decimal.Decimal(n) for n in index])
    if index.dtype == "str" and numpy_type == "object" and ("mixed" in pandas_type or pandas_type in ("unicode", "string")):
        return index
    dtype = "object" if "mixed" in pandas_type else _LABELS.get(pandas_type, pandas_type)
    index = index if index.dtype == dtype else index.astype(dtype)
    return index if index.dtype == numpy_type else index.astype(numpy_type)


def extension_array(field, dtype, values, missing):
    """Returns values as an array of an extension type, or None if it is no type of masked numbers."""
    base = {"Int": IntegerArray, "UIn": IntegerArray, "Flo": FloatingArray, "boo": BooleanArray}.get(dtype.name[:3])
    if base is None or not hasattr(dtype, "numpy_dtype"):
        return None
    if missing is None:
        return base(values.astype(dtype.numpy_dtype), np.zeros(len(values), bool))
    plain = np.where(missing, 0, values).astype(dtype.numpy_dtype)
    return base(plain, missing.copy())
