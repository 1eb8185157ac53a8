"""Writes the metadata of messages as FlatBuffers: https://flatbuffers.dev/internals/"""

import functools
import struct

_SIZES = {"B": 1, "b": 1, "h": 2, "i": 4, "q": 8, "@": 4}


class Builder:
    """Bytes that grow. A table comes before what it refers to."""

    def __init__(self):
        self.data = bytearray(4)

    def finish(self, root):
        """Returns the buffer whose root table has the given position."""
        struct.pack_into("<I", self.data, 0, root)
        self.align(8)
        return self.data

    def align(self, n, ahead=0):
        """Adds zeros so that what begins after `ahead` more bytes is aligned."""
        self.data.extend(bytes(-(len(self.data) + ahead) % n))

    def table(self, fields):
        """Writes a table and returns its position. fields has, by number, a format of struct and a
        value; with the format @, the value is a function that writes and returns a position."""
        head, pack, offsets = _layout(tuple([(n, kind) for n, (kind, _) in fields.items()]))
        self.align(8, len(head) + 4)
        self.data += head
        at = len(self.data)
        self.data += pack(len(head), *[0 if kind == "@" else value for kind, value in map(fields.__getitem__, offsets)])
        for n, (kind, value) in fields.items():
            if kind == "@":
                self.refer(at + offsets[n], value)
        return at

    def refer(self, at, write):
        """Stores at a position the distance to what a function writes."""
        struct.pack_into("<I", self.data, at, write() - at)

    def text(self, value):
        self.align(4)
        at = len(self.data)
        self.data += struct.pack("<I", len(value)) + value + b"\0"
        return at

    def tables(self, writers):
        """Writes a vector of tables, each by a function that returns its position."""
        self.align(4)
        at = len(self.data)
        self.data += struct.pack("<I", len(writers)) + bytes(4 * len(writers))
        for i, write in enumerate(writers):
            self.refer(at + 4 + 4 * i, write)
        return at

    def structs(self, count, numbers):
        """Writes a vector of structs of 64-bit integers."""
        self.align(8, 4)
        at = len(self.data)
        self.data += struct.pack(f"<I{len(numbers)}q", count, *numbers)
        return at


@functools.lru_cache(256)
def _layout(fields):
    """Returns the parts of a table with the fields, pairs of a number and a format: the bytes before
    it, a function that packs it, and the positions of the fields in the order of that."""
    kinds = dict(fields)
    order = sorted(kinds, key=lambda n: -_SIZES[kinds[n]])
    offsets, end = {}, 4
    for n in order:
        offsets[n] = end
        end += _SIZES[kinds[n]]
    slots = [offsets.get(n, 0) for n in range(max(kinds, default=-1) + 1)]
    head = struct.pack(f"<HH{len(slots)}H", 4 + 2 * len(slots), end, *slots)
    pack = struct.Struct("<i" + "".join("I" if kinds[n] == "@" else kinds[n] for n in order)).pack
    return head, pack, offsets
