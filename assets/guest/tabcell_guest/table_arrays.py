"""The arrays of a table that is written: a type, and the buffers of any part of the values."""

import _arrow
import numpy as np

from tabcell_guest import table_fields as t
from tabcell_guest.table_fields import Field

_CODES = {1: 8, 2: 16, 4: 32, 8: 64}


def field(type, width=0, unit=0, scale=0, zone="", encoding=None, pairs=(), children=()):
    """Returns a field without a name; children are named fields."""
    f = Field("", True, type, width, unit, scale, zone, encoding, pairs, ())
    f.children = list(children)
    return f


def named(name, f, nullable=True):
    """Returns a copy of a field with a name."""
    copy = Field.__new__(Field)
    copy.__dict__.update(f.__dict__, name=name, nullable=nullable)
    return copy


def numpy_field(dtype):
    """Returns the field of a numpy type that exists in Arrow."""
    kind, size = dtype.kind, dtype.itemsize
    if kind in "iu":
        return field(t.INT, width=8 * size, scale=int(kind == "i"))
    if kind == "f":
        return field(t.FLOAT, unit={2: 0, 4: 1, 8: 2}[size])
    unit = t.UNITS.index(np.datetime_data(dtype)[0])
    return field(t.TIMESTAMP if kind == "M" else t.DURATION, unit=unit)


class Out:
    """Collects the arrays of a batch."""

    def __init__(self):
        self.nodes, self.buffers = [], []

    def node(self, length, missing):
        """Adds an array of a length, whose nulls missing marks, or None."""
        nulls = 0 if missing is None else int(np.count_nonzero(missing))
        self.nodes.append((length, nulls))
        self.buffers.append(np.packbits(~missing, bitorder="little") if nulls else b"")


def _part(missing, start, end):
    return None if missing is None else missing[start:end]


class Numbers:
    """Values of one size, in the memory of a numpy array. If nan is true, each NaN is a null."""

    def __init__(self, field, values, missing=None, nan=False):
        self.field, self.values, self.missing, self.nan = field, values, missing, nan

    def __len__(self):
        return len(self.values)

    def emit(self, out, start, end):
        values = np.ascontiguousarray(self.values[start:end])
        missing = _part(self.missing, start, end)
        if self.nan:
            nan = np.isnan(values)
            missing = nan if missing is None else missing | nan
        out.node(end - start, missing)
        out.buffers.append(values.view(np.uint8) if len(values) else b"")


class Bools:
    def __init__(self, values, missing=None):
        self.field, self.values, self.missing = field(t.BOOL), values, missing

    def __len__(self):
        return len(self.values)

    def emit(self, out, start, end):
        out.node(end - start, _part(self.missing, start, end))
        out.buffers.append(np.packbits(self.values[start:end], bitorder="little"))


class Texts:
    """Strings or bytes in an array of objects."""

    def __init__(self, values, missing, text=True, large=False):
        kinds = ((t.BINARY, t.LARGE_BINARY), (t.UTF8, t.LARGE_UTF8))
        self.field, self.values, self.missing, self.text, self.large = field(kinds[text][large]), values, missing, text, large

    def __len__(self):
        return len(self.values)

    def emit(self, out, start, end):
        missing, values = _part(self.missing, start, end), np.ascontiguousarray(self.values[start:end])
        mask = None if missing is None else np.ascontiguousarray(missing).view(np.uint8)
        out.node(end - start, missing)
        out.buffers.extend(_arrow.encode(values, mask, self.text, self.large))


class Nulls:
    def __init__(self, length):
        self.field, self.length = field(t.NULL), length

    def __len__(self):
        return self.length

    def emit(self, out, start, end):
        out.nodes.append((end - start, end - start))


class Lists:
    """Lists of the values of a child; offsets are one more than the lists."""

    def __init__(self, offsets, child, missing=None):
        self.field = field(t.LIST, children=[named("item", child.field)])
        self.offsets, self.child, self.missing = offsets, child, missing

    def __len__(self):
        return len(self.offsets) - 1

    def emit(self, out, start, end):
        offsets = self.offsets[start : end + 1]
        out.node(end - start, _part(self.missing, start, end))
        out.buffers.append((offsets - offsets[0]).astype(np.int32).view(np.uint8))
        self.child.emit(out, int(offsets[0]), int(offsets[-1]))


class Structs:
    def __init__(self, length, names, children, missing=None, pairs=()):
        self.field = field(t.STRUCT, pairs=pairs, children=[named(n, c.field) for n, c in zip(names, children)])
        self.length, self.children, self.missing = length, children, missing

    def __len__(self):
        return self.length

    def emit(self, out, start, end):
        out.node(end - start, _part(self.missing, start, end))
        for child in self.children:
            child.emit(out, start, end)


class Categories:
    """Codes of the values of a dictionary; -1 is a null."""

    def __init__(self, codes, dictionary, ordered):
        self.codes, self.dictionary = codes, dictionary
        self.field = named("", dictionary.field)
        self.field.metadata = {}  # the format has no place for the extension type of the values
        self.field.encoding = t.Encoding(0, _CODES[codes.dtype.itemsize], True, bool(ordered))

    def __len__(self):
        return len(self.codes)

    def emit(self, out, start, end):
        codes = np.ascontiguousarray(self.codes[start:end])
        out.node(end - start, codes < 0)
        out.buffers.append(codes.view(np.uint8) if len(codes) else b"")
