"""Reads the buffers of the arrays in pyarrow's pickles.

A pickle is a user's: every length and position is checked against the buffer before it is used."""

import sys

import numpy as np

from tabcell_guest.arrow_types import ArrowError, DataType


class Buffer:
    """A buffer of an array."""

    def __init__(self, data):
        self.data = memoryview(data).cast("B")

    def __len__(self):
        return len(self.data)

    def __buffer__(self, flags):
        return self.data

    def __reduce__(self):
        return Buffer, (self.to_pybytes(),)

    def to_pybytes(self):
        return self.data.tobytes()


class Layout:
    """An array as it is pickled: its type, length, offset, buffers, children and dictionary."""

    def __init__(self, data):
        if not isinstance(data, tuple) or len(data) != 7:
            raise ArrowError("an array in a pyarrow pickle does not have seven fields")
        self.type, self.length, _, self.offset, self.buffers, self.children, self.dictionary = data
        if not isinstance(self.type, DataType):
            raise ArrowError(f"a {type(self.type).__name__} stands where an array in a pyarrow pickle has its type")
        if not all(type(n) is int and 0 <= n <= sys.maxsize for n in (self.length, self.offset)):
            raise self.error(f"its length is {self.length!r} and its offset {self.offset!r}")
        if not isinstance(self.buffers, list) or not all(b is None or isinstance(b, Buffer) for b in self.buffers):
            raise self.error("its buffers are not a list of buffers")
        if not isinstance(self.children, list):
            raise self.error("its children are not a list")

    def error(self, text):
        return ArrowError(f"a pyarrow array of type {self.type} cannot be loaded: {text}")

    @property
    def end(self):
        return self.offset + self.length

    def bytes(self, i):
        """Returns a buffer, which is empty if it is absent."""
        if i >= len(self.buffers):
            raise self.error(f"it has {len(self.buffers)} buffers, and needs {i + 1}")
        return memoryview(b"") if self.buffers[i] is None else self.buffers[i].data

    def numbers(self, i, dtype, start, count):
        """Returns numbers of a buffer."""
        data, size = self.bytes(i), np.dtype(dtype).itemsize
        if not count:
            return np.empty(0, dtype)
        if (start + count) * size > len(data):
            raise self.error(f"buffer {i} has {len(data)} bytes, and needs {(start + count) * size}")
        return np.frombuffer(data, dtype, count, start * size)

    def bits(self, i):
        """Returns the bits of a buffer as booleans."""
        first = self.offset // 8
        data = self.numbers(i, np.uint8, first, (self.end + 7) // 8 - first if self.length else 0)
        start = self.offset - 8 * first
        return np.unpackbits(data, bitorder="little")[start : start + self.length].astype(bool)

    def missing(self):
        """Returns an array that is true for each null, or None if there is no null."""
        if self.type.kind == "null" or not self.bytes(0):
            return None
        missing = ~self.bits(0)
        return missing if missing.any() else None

    def positions(self, dtype, limit):
        """Returns length + 1 positions, which do not decrease and end within the limit."""
        if not self.length:
            return np.zeros(1, np.int64)
        positions = self.numbers(1, dtype, self.offset, self.length + 1).astype(np.int64)
        if positions[0] < 0 or positions[-1] > limit or (positions[1:] < positions[:-1]).any():
            raise self.error(f"its positions do not rise from 0 to at most {limit}")
        return positions

    def child(self, i):
        """Returns a child as it is pickled."""
        if i >= len(self.children):
            raise self.error(f"it has {len(self.children)} children, and needs {i + 1}")
        return self.children[i]
