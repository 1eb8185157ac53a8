"""Turns the arrays in pyarrow's pickles into numpy arrays. The layout of each type is described at
https://arrow.apache.org/docs/format/Columnar.html."""

import numpy as np
import pandas as pd

from tabcell_guest import arrow_values
from tabcell_guest.arrow_layout import Layout
from tabcell_guest.arrow_types import NUMBERS


class Column:
    """The values of an array. missing is true for each null, or None if there is no null.

    Values for which numpy has no type are Python objects, with None for nulls. Dictionary arrays
    are decoded; categories is the column of the dictionary."""

    def __init__(self, type, values, missing=None, categories=None):
        self.type, self.values, self.missing, self.categories = type, values, missing, categories

    def __len__(self):
        return len(self.values)

    def __getitem__(self, part):
        return Column(self.type, self.values[part], None if self.missing is None else self.missing[part], self.categories)

    def objects(self):
        """Returns a list of Python objects, with None for nulls."""
        values = list(_time_objects(self)) if self.values.dtype.kind in "mM" else self.values.tolist()
        for i in () if self.missing is None else np.flatnonzero(self.missing):
            values[i] = None
        return values


def read(data):
    """Returns the column of a pickled array."""
    layout = Layout(data)
    reader = _READERS.get(layout.type.kind)
    if reader is None:
        raise layout.error("a cell has no pyarrow")
    return reader(layout, layout.missing())


def empty(type):
    """Returns a column without values."""
    type = type.value if type.kind == "dictionary" else type
    return Column(type, np.empty(0, _numpy_type(type)))


def concatenate(columns):
    """Returns the values of columns of one type, of which there is at least one, as one column."""
    if len(columns) == 1:
        return columns[0]
    missing = [np.zeros(len(c), bool) if c.missing is None else c.missing for c in columns]
    categories = columns[0].categories and concatenate([c.categories for c in columns])
    return Column(columns[0].type, np.concatenate([c.values for c in columns]), np.concatenate(missing), categories)


def times(column):
    """Returns an index of the times or durations of a column."""
    if column.values.dtype.kind == "m":
        return pd.TimedeltaIndex(column.values)
    index = pd.DatetimeIndex(column.values)
    return index if column.type.tz is None else index.tz_localize("UTC").tz_convert(column.type.tz)


def _time_objects(column):
    """Returns the objects that pyarrow has for times: those of pandas for nanoseconds, otherwise
    those of datetime."""
    index = times(column)
    if column.type.unit == "ns":
        return index
    return index.to_pytimedelta() if column.values.dtype.kind == "m" else index.to_pydatetime()


def _numpy_type(type):
    if type.kind in ("timestamp", "duration"):
        return np.dtype(f"<{'M' if type.kind == 'timestamp' else 'm'}8[{type.unit}]")
    return np.dtype(bool if type.kind == "bool" else getattr(type, "dtype", None) or object)


def _fill(values, missing):
    """Replaces the values at nulls by numpy's or Python's missing value, if the type has one."""
    if missing is not None and values.dtype.kind in "OmM":
        values[missing] = None
    return values


def _null(layout, _):
    return Column(layout.type, np.full(layout.length, None), np.ones(layout.length, bool))


def _bool(layout, missing):
    return Column(layout.type, layout.bits(1), missing)


def _number(layout, missing):
    values = layout.numbers(1, _numpy_type(layout.type), layout.offset, layout.length).copy()
    return Column(layout.type, _fill(values, missing), missing)


def _dictionary(layout, missing):
    codes = layout.numbers(1, layout.type.index.dtype, layout.offset, layout.length).astype(np.int64)
    categories = read(layout.dictionary)
    missing = np.zeros(layout.length, bool) if missing is None else missing
    present = codes[~missing]
    if len(present) and not 0 <= present.min() <= present.max() < len(categories):
        raise layout.error(f"an index is beyond the {len(categories)} values of its dictionary")
    values = np.zeros(layout.length, categories.values.dtype)
    values[~missing] = categories.values[present]
    if categories.missing is not None:
        missing[~missing] = categories.missing[present]
    return Column(categories.type, _fill(values, missing), missing if missing.any() else None, categories)


def _objects(values):
    """Returns a reader that makes a column of the objects that values returns."""

    def reader(layout, missing):
        return Column(layout.type, _fill(np.fromiter(values(layout, missing), object, layout.length), missing), missing)

    return reader


def _lists(layout, _):
    items = read(layout.child(0))
    return _split(layout, len(items), lambda start, end: items[start:end].objects())


def _maps(layout, _):
    """Reads lists of pairs. Their child is a struct of keys and values."""
    pairs = Layout(layout.child(0))
    return _split(layout, pairs.length, lambda *part: list(zip(*(_child(pairs, i, pairs.offset, pairs.end)[slice(*part)].objects() for i in (0, 1)))))


def _split(layout, limit, objects):
    """Returns the list of each value. objects returns the objects between two positions."""
    positions = layout.positions("<i8" if layout.type.kind == "large_list" else "<i4", limit)
    first, last = int(positions[0]), int(positions[-1])
    values, positions = objects(first, last), (positions - first).tolist()
    return [values[a:b] for a, b in zip(positions, positions[1:])]


def _fixed_size_lists(layout, _):
    size = layout.type.size
    objects = _child(layout, 0, layout.offset * size, layout.end * size).objects()
    return [objects[i * size : (i + 1) * size] for i in range(layout.length)]


def _structs(layout, _):
    columns = [_child(layout, i, layout.offset, layout.end).objects() for i in range(len(layout.type.fields))]
    names = [f.name for f in layout.type.fields]
    return [dict(zip(names, row)) for row in zip(*columns)] if columns else [{} for _ in range(layout.length)]


def _child(layout, i, start, end):
    """Returns a part of a child."""
    column = read(layout.child(i))
    if end > len(column):
        raise layout.error(f"child {i} has {len(column)} values, and needs {end}")
    return column[start:end]


_READERS = {
    "null": _null,
    "bool": _bool,
    "dictionary": _dictionary,
    **dict.fromkeys([*NUMBERS, "timestamp", "duration"], _number),
    **{kind: _objects(values) for kind, values in {
        **arrow_values.READERS,
        "list": _lists,
        "large_list": _lists,
        "map": _maps,
        "fixed_size_list": _fixed_size_lists,
        "struct": _structs,
    }.items()},
}
