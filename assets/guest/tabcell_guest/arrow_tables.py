"""The scalars, arrays and tables that stand for those of pyarrow, which a cell does not have.

They can be read and converted to pandas and Python. GAP: everything else that pyarrow's objects can
do is an AttributeError."""

import numpy as np

from tabcell_guest import arrow_columns, arrow_pandas
from tabcell_guest.arrow_types import ArrowError, DataType, Schema


class _Limited:
    """An object whose missing attributes get a helpful error."""

    def __getattr__(self, name):
        advice = " or ".join(f"{n}()" for n in ("as_py", "to_pandas", "to_pylist") if hasattr(type(self), n))
        raise AttributeError(f"a cell has no pyarrow, and what it loads of a pyarrow {type(self).__name__} has no {name!r}; use {advice}")


class Scalar(_Limited):
    def __init__(self, value, type):
        self._value, self.type = value, type

    is_valid = property(lambda self: self._value is not None)

    def as_py(self):
        return self._value

    def __eq__(self, other):
        return isinstance(other, Scalar) and (self.type, self._value) == (other.type, other._value)

    def __hash__(self):
        return hash(self._value)

    def __str__(self):
        return str(self._value)

    def __repr__(self):
        return f"<pyarrow scalar: {self._value!r}>"

    def __bool__(self):
        return bool(self._value)

    def __int__(self):
        return int(self._value)

    def __float__(self):
        return float(self._value)


class Array(_Limited):
    """An array, or the chunks of one."""

    def __init__(self, type, column):
        self.type, self.column = type, column

    def __len__(self):
        return len(self.column)

    def __getitem__(self, key):
        if isinstance(key, slice):
            return Array(self.type, self.column[key])
        return Scalar(self.column[[range(len(self))[key]]].objects()[0], self.type)

    def __iter__(self):
        return (Scalar(value, self.type) for value in self.to_pylist())

    def __array__(self, dtype=None, copy=None):
        return self.to_numpy().astype(dtype) if dtype else self.to_numpy()

    null_count = property(lambda self: 0 if self.column.missing is None else int(self.column.missing.sum()))

    def to_pylist(self):
        return self.column.objects()

    tolist = to_pylist

    def to_numpy(self, zero_copy_only=False):
        return self.column.values if self.column.values.dtype.kind in "mMO" else np.asarray(self.to_pandas())

    def to_pandas(self):
        return arrow_pandas.series(self.column)

    def combine_chunks(self):
        return self

    def __repr__(self):
        return f"<pyarrow array of type {self.type} with {len(self)} values>"


class Table(_Limited):
    """A table or a record batch."""

    def __init__(self, schema, columns):
        self.schema, self.columns = schema, columns

    column_names = property(lambda self: self.schema.names)
    num_columns = property(lambda self: len(self.columns))
    num_rows = property(lambda self: len(self.columns[0]) if self.columns else 0)
    shape = property(lambda self: (self.num_rows, self.num_columns))

    def __len__(self):
        return self.num_rows

    def column(self, i):
        return self.columns[self.column_names.index(i) if isinstance(i, str) else i]

    def __getitem__(self, key):
        if isinstance(key, slice):
            return Table(self.schema, [c[key] for c in self.columns])
        return self.column(key)

    def to_pydict(self):
        return {name: c.to_pylist() for name, c in zip(self.column_names, self.columns)}

    def to_pylist(self):
        return [dict(zip(self.column_names, row)) for row in zip(*(c.to_pylist() for c in self.columns))]

    def to_pandas(self):
        return arrow_pandas.frame(self.schema, [c.column for c in self.columns])

    def __repr__(self):
        return f"<pyarrow table with {self.num_rows} rows: {', '.join(map(str, self.schema))}>"


class DictionaryScalar:
    @staticmethod
    def _reconstruct(type, is_valid, index, dictionary):
        _expect(index, Scalar)
        return Scalar(_expect(dictionary, Array)[index.as_py()].as_py() if is_valid else None, type)


def scalar(value, type=None):
    return Scalar(value, type)


def _restore_array(data):
    column = arrow_columns.read(data)
    return Array(data[0], column)


def chunked_array(arrays, type=None):
    arrays = [_expect(a, Array) for a in _expect(arrays, list)]
    type = _expect(type or (arrays[0].type if arrays else None), DataType)
    if any(a.type != type for a in arrays):
        raise ArrowError(f"the chunks of a pyarrow array of type {type} have several types")
    return Array(type, arrow_columns.concatenate([a.column for a in arrays]) if arrays else arrow_columns.empty(type))


def _reconstruct_table(columns, schema):
    columns, fields = [_expect(c, Array) for c in _expect(columns, list)], _expect(schema, Schema)
    if len(columns) != len(fields) or len({len(c) for c in columns}) > 1:
        raise ArrowError("the columns of a pyarrow table do not fit its schema or each other")
    return Table(fields, columns)


_reconstruct_record_batch = _reconstruct_table


def _expect(value, kind):
    if not isinstance(value, kind):
        raise ArrowError(f"a pyarrow pickle has a {type(value).__name__} where a {kind.__name__} is expected")
    return value
