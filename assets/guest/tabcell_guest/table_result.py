"""The columns of a script's result, as pyarrow.table makes them."""

import numpy as np
import pandas as pd

from tabcell_guest import table_notes, table_sources
from tabcell_guest.table_arrays import named
from tabcell_guest.table_errors import ArrowException, ArrowInvalid, ArrowTypeError
from tabcell_guest.table_names import text


class Table:
    """Named columns of one length, and the notes of pandas on them, or None."""

    def __init__(self, names, columns, rows, notes=None):
        self.fields = [named(name, column.field) for name, column in zip(names, columns)]
        self.columns, self.rows, self.notes = columns, rows, notes


def table(result):
    """Returns the table of a result, or raises pyarrow's error."""
    if isinstance(result, (list, tuple)):
        if len(result):
            raise ValueError("Must pass names or schema when constructing Table or RecordBatch.")
        return Table([], [], 0)
    if isinstance(result, dict):
        return _from_dict(result)
    if isinstance(result, pd.DataFrame):
        return _from_frame(result)
    if isinstance(result, pd.Series):
        raise ArrowInvalid(f"Cannot import schema: ArrowSchema describes non-struct type {text(table_sources.pandas_array(result).field)}")
    raise TypeError("Expected pandas DataFrame, python dictionary or list of arrays")


def _from_dict(result):
    columns = [table_sources.array(value) for value in result.values()]
    names = [_name(key) for key in result]
    return Table(names, columns, _rows(names, columns))


def _name(key):
    if key is None:
        return "None"
    if isinstance(key, bytes):
        return key.decode()
    if not isinstance(key, str):
        raise TypeError(f"expected bytes, {type(key).__name__} found")
    key.encode()
    return key


def _rows(names, columns):
    rows = len(columns[0]) if columns else 0
    for i, (name, column) in enumerate(zip(names, columns)):
        if len(column) != rows:
            raise ArrowInvalid(f"Column {i} named {name} expected length {rows} but got length {len(column)}")
    return rows


def _from_frame(frame):
    if not frame.columns.is_unique:
        raise ValueError(f"Duplicate column names found: {list(frame.columns)}")
    sources, names = list(frame._iter_column_arrays()), []  # a Series for each takes ten times longer
    for key, values in zip(frame.columns, sources):
        name = table_notes.label(key)
        if isinstance(values.dtype, pd.SparseDtype):
            raise TypeError(f"Sparse pandas data (column {name}) not supported.")
        names.append(name)
    index = table_notes.Index(frame.index, names)
    columns = [_column(*source) for source in zip(frame.columns, sources)]
    columns += [_column(level.name, level) for level in index.levels]
    notes = table_notes.notes(frame, sources, names, index, [c.field for c in columns])
    texts = [str(n) for n in names] + index.names
    return Table([_name(n) for n in texts], columns, len(frame), notes)


def _column(name, source):
    """Returns the array of the values of a column or of an index level. Errors of pyarrow's name the
    column."""
    try:
        return table_sources.pandas_array(source)
    except ArrowException as e:
        e.args += (f"Conversion failed for column {name} with type {source.dtype}",)
        raise
