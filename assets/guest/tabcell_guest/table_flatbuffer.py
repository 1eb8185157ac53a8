"""Writes the metadata of messages as FlatBuffers: https://flatbuffers.dev/internals/"""

import struct

_SIZES = {"B": 1, "b": 1, "h": 2, "i": 4, "q": 8, "@": 4}


class Builder:
    """Bytes that grow. A table comes before what it refers to."""

    def __init__(self):
        self.data = bytearray(4)

    def finish(self, root):
        """Returns the buffer whose root table has the given position."""
        struct.pack_into("<I", self.data, 0, root)
        self._align(8)
        return self.data

    def _align(self, n, ahead=0):
        """Adds zeros so that what begins after `ahead` more bytes is aligned."""
        self.data.extend(bytes(-(len(self.data) + ahead) % n))

    def table(self, fields):
        """Writes a table and returns its position. fields has, by number, a format of struct and a
        value; with the format @, the value is a function that writes and returns a position."""
        order = sorted(fields, key=lambda n: -_SIZES[fields[n][0]])
        offsets, end = {}, 4
        for n in order:
            offsets[n] = end
            end += _SIZES[fields[n][0]]
        slots = [offsets.get(n, 0) for n in range(max(fields, default=-1) + 1)]
        head = struct.pack(f"<HH{len(slots)}H", 4 + 2 * len(slots), end, *slots)
        self._align(8, len(head) + 4)
        self.data += head
        at = len(self.data)
        self.data += struct.pack("<i", len(head)) + bytes(end - 4)
        for n, (kind, value) in fields.items():
            if kind == "@":
                self._refer(at + offsets[n], value)
            else:
                struct.pack_into("<" + kind, self.data, at + offsets[n], value)
        return at

    def _refer(self, at, write):
        struct.pack_into("<I", self.data, at, write() - at)

    def text(self, value):
        self._align(4)
        at = len(self.data)
        self.data += struct.pack("<I", len(value)) + value + b"\0"
        return at

    def tables(self, writers):
        """Writes a vector of tables, each by a function that returns its position."""
        self._align(4)
        at = len(self.data)
        self.data += struct.pack("<I", len(writers)) + bytes(4 * len(writers))
        for i, write in enumerate(writers):
            self._refer(at + 4 + 4 * i, write)
        return at

    def structs(self, count, data):
        """Writes a vector of structs of 64-bit integers."""
        self._align(8, 4)
        at = len(self.data)
        self.data += struct.pack("<I", count) + data
        return at
