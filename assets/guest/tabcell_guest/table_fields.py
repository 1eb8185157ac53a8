"""The fields and arrays of a table, as arrow_read.c describes them."""

import collections

import numpy as np

from tabcell_guest.table_errors import ArrowInvalid, ArrowNotImplementedError

# The numbers of the types in the format (Schema.fbs).
(NULL, INT, FLOAT, BINARY, UTF8, BOOL, DECIMAL, DATE, TIME, TIMESTAMP, INTERVAL, LIST, STRUCT, UNION, FIXED_BINARY, FIXED_LIST, MAP, DURATION,
 LARGE_BINARY, LARGE_UTF8, LARGE_LIST, RUN_END, BINARY_VIEW, UTF8_VIEW, LIST_VIEW, LARGE_LIST_VIEW) = range(1, 27)
TEXTS = (UTF8, LARGE_UTF8, UTF8_VIEW)
UNITS = ("s", "ms", "us", "ns")
EXTENSION = b"ARROW:extension:name"

Encoding = collections.namedtuple("Encoding", "id width signed ordered")


class Field:
    """A column of a table, or of a column with nested values. scale is also the sign of integers;
    unit is also the precision of floats and decimals; width is also the size of lists."""

    def __init__(self, name, nullable, type, width, unit, scale, zone, encoding, pairs, children):
        self.name, self.nullable, self.type, self.width, self.unit, self.scale, self.zone = name, nullable, type, width, unit, scale, zone
        self.encoding = None if encoding is None else Encoding(*encoding)
        self.metadata = dict(pairs)
        self.children = [Field(*child) for child in children]

    @property
    def extension(self):
        """The name of the extension type whose storage this field describes, or b""."""
        return self.metadata.get(EXTENSION, b"")

    def dtype(self):
        """Returns the numpy type of values that have one, or None."""
        if self.type == INT:
            return np.dtype(f"<{'i' if self.scale else 'u'}{self.width // 8}")
        if self.type == FLOAT:
            return np.dtype(f"<f{2 << self.unit}")
        if self.type in (TIMESTAMP, DURATION):
            return np.dtype(f"<{'M' if self.type == TIMESTAMP else 'm'}8[{UNITS[self.unit]}]")
        return np.dtype(bool) if self.type == BOOL else None

    def error(self, text):
        return ArrowInvalid(f"column {self.name[:80]!r}: {text}")

    def unsupported(self, type):
        return ArrowNotImplementedError(f"No known equivalent Pandas block for Arrow data of type {type} is known.")


class Array:
    """An array: the positions of its buffers in the stream, and the arrays inside of it."""

    def __init__(self, source, length, nulls, buffers, views, children):
        self.source, self.length, self.nulls, self.buffers, self.views = source, length, nulls, buffers, views
        self.children = [Array(source, *child) for child in children]

    def bytes(self, i):
        return self.source.part(self.buffers[i])

    def numbers(self, i, dtype, count):
        """Returns numbers of a buffer, in the memory of the stream if they are aligned there."""
        dtype = np.dtype(dtype)
        if not count:
            return np.empty(0, dtype)
        values = np.frombuffer(self.source.stream, dtype, count, self.buffers[i][0])
        return values if values.flags.aligned else values.copy()

    def bits(self, i):
        data = self.numbers(i, np.uint8, (self.length + 7) // 8)
        return np.unpackbits(data, bitorder="little")[: self.length].view(bool)

    def missing(self):
        """Returns an array that is true for each null, or None if there is no null."""
        if not self.nulls or not self.buffers or not self.buffers[0][1]:
            return None
        missing = ~self.bits(0)
        return missing if missing.any() else None

    def positions(self, field, wide, limit):
        """Returns length + 1 positions, which do not decrease and end within the limit."""
        if not self.length:
            return np.zeros(1, np.int64)
        positions = self.numbers(1, "<i8" if wide else "<i4", self.length + 1).astype(np.int64)
        if positions[0] < 0 or positions[-1] > limit or (positions[1:] < positions[:-1]).any():
            raise field.error(f"an offset of a list is outside of its {limit} values")
        return positions
