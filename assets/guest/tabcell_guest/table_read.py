"""Turns a table, an Arrow IPC stream, into a DataFrame, as to_pandas of pyarrow does."""

import json

import _arrow
import numpy as np
import pandas as pd

from tabcell_guest import table_columns, table_errors, table_fields, table_labels, table_texts, table_zones
from tabcell_guest.table_fields import Array, Field

TEXT = pd.StringDtype("python", na_value=np.nan)
_arrow.set_error(table_errors.ArrowInvalid)


def read(stream):
    """Returns the table in a bytearray, whose memory the columns use."""
    pairs, fields, items = _arrow.read(stream)
    fields = [Field(*field) for field in fields]
    sources = _sources(stream, fields, items)
    rows = sum(source.rows for source in sources)
    if rows >= 2**31 - 1:
        raise table_errors.ArrowInvalid(f"the table has {rows} rows; a cell reads less than {2**31 - 1}")
    labels = table_labels.Labels(_notes(pairs), [field.name for field in fields])
    columns = [column(field, [(source, source.arrays[i]) for source in sources], labels.extended(i)) for i, field in enumerate(fields)]
    for source in sources:
        source.arrays = None
    return labels.frame(columns, rows)


def _notes(pairs):
    """Returns what pandas has noted in the schema, or None."""
    text = dict(pairs).get(b"pandas")
    try:
        return None if text is None else json.loads(text)
    except RecursionError:
        raise table_errors.ArrowInvalid("pandas' notes in the schema are nested too deeply") from None


class Source:
    """A record batch of a stream, with the dictionaries that are valid for it."""

    def __init__(self, stream, first, dictionaries, rows, arrays):
        self.stream, self.view, self.first, self.dictionaries, self.rows = stream, memoryview(stream), first, dictionaries, rows
        self.arrays = [Array(self, *array) for array in arrays]
        for array in self.arrays:
            if array.length != rows:
                raise table_errors.ArrowInvalid(f"a batch of {rows} rows has a column of {array.length} values")
        self.decoding = set()

    def part(self, buffer):
        return self.view[buffer[0] : buffer[0] + buffer[1]]

    def dictionary(self, field):
        """Returns the values of the dictionary of a field, and an array that is true for each null or
        None."""
        id = field.encoding.id
        dictionary = self.dictionaries.get(id)
        if dictionary is None:
            raise field.error(f"the stream does not have its dictionary {id}")
        if dictionary.values is None:
            if id in self.decoding:
                raise field.error(f"the dictionary {id} contains itself")
            self.decoding.add(id)
            dictionary.values = _join(table_columns.pieces(self.first[id], [(self, Array(self, *array)) for array in dictionary.arrays]))
            self.decoding.discard(id)
        return dictionary.values


class Dictionary:
    def __init__(self, arrays):
        self.arrays, self.values = arrays, None


def _sources(stream, fields, items):
    first, dictionaries, sources = {}, {}, []
    for field in _all(fields):
        if field.encoding is not None:
            first.setdefault(field.encoding.id, _plain(field))
    for item in items:
        if item[0] is None:
            sources.append(Source(stream, first, dictionaries.copy(), *item[1:]))
        else:
            id, delta, array = item
            dictionaries[id] = Dictionary((dictionaries[id].arrays if delta and id in dictionaries else []) + [array])
    return sources


def _all(fields):
    for field in fields:
        yield field
        yield from _all(field.children)


def _plain(field):
    """Returns the field of the values in the dictionary of a field."""
    plain = Field.__new__(Field)
    plain.__dict__.update(field.__dict__, encoding=None)
    return plain


def _join(parts):
    """Joins pairs of values and nulls."""
    if len(parts) == 1:
        return parts[0]
    nulls = [np.zeros(len(v), bool) if m is None else m for v, m in parts]
    return np.concatenate([v for v, _ in parts]), np.concatenate(nulls) if any(m is not None for _, m in parts) else None


def column(field, parts, dtype=None):
    """Returns the column of a field as pandas stores it. dtype is the extension type that pandas has
    noted for it, or None."""
    if field.encoding is not None:
        return _category(field, parts)
    if field.type in table_fields.TEXTS and field.extension != b"arrow.json":
        dtype = dtype if isinstance(dtype, pd.StringDtype) else TEXT
        return table_texts.column(field, parts, dtype)
    pieces = table_columns.pieces(field, parts)
    if dtype is not None and (made := table_labels.extension_array(field, dtype, *_join(pieces or [(_nothing(field), None)]))) is not None:
        return made
    values = np.concatenate([v for v, _ in pieces]) if len(pieces) > 1 else pieces[0][0] if pieces else _nothing(field)
    if field.type == table_fields.TIMESTAMP and field.zone:
        return _zoned(field, values)
    return values


def _nothing(field):
    field = field.children[1] if field.type == table_fields.RUN_END else field
    return np.empty(0, field.dtype() or object)


def _zoned(field, values):
    dtype = pd.DatetimeTZDtype(table_fields.UNITS[field.unit], table_zones.zone(field.zone))
    return pd.array(values.view(np.int64), dtype=dtype, copy=False)


def _category(field, parts):
    """Returns a categorical. The dictionaries of its parts may differ."""
    pieces = [(table_columns.codes(source, field, array)[0], source.dictionaries[field.encoding.id]) for source, array in parts]
    versions = {id(d): d for _, d in pieces}
    if len(versions) < 2:
        categories = pd.Index(_plain_column(field, parts[-1][0] if parts else None))
        codes = np.concatenate([c for c, _ in pieces]) if pieces else np.empty(0, np.int64)
        return pd.Categorical.from_codes(codes, categories=categories, ordered=field.encoding.ordered)
    indexes = {}
    for (source, _), (_, d) in zip(parts, pieces):
        if id(d) not in indexes:
            indexes[id(d)] = pd.Index(_plain_column(field, source))
    categories = _union(list(indexes.values()))
    maps = {key: categories.get_indexer(index) for key, index in indexes.items()}
    codes = [np.where(c < 0, -1, maps[id(d)][c]) for c, d in pieces]
    return pd.Categorical.from_codes(np.concatenate(codes), categories=categories, ordered=field.encoding.ordered)


def _union(indexes):
    categories = indexes[0]
    for index in indexes[1:]:
        categories = categories.append(index[~index.isin(categories)])
    return categories


def _plain_column(field, source):
    """Returns the dictionary of a field as a column."""
    plain = _plain(field)
    if source is None:
        return column(plain, [])
    arrays = source.dictionaries[field.encoding.id].arrays
    return column(source.first[field.encoding.id], [(source, Array(source, *array)) for array in arrays])
