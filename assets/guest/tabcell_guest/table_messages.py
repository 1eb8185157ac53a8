"""The metadata of the messages of a stream: the schema, dictionaries and record batches."""

import functools
import itertools
import types

from tabcell_guest import table_fields as t
from tabcell_guest.table_flatbuffer import Builder

SCHEMA, DICTIONARY, BATCH = 1, 2, 3
_VERSION = 4  # the number of version 5 of the format


def schema(fields, notes):
    """Returns the message with the schema. notes are those of pandas, or None."""
    b = Builder()
    pairs = [] if notes is None else [(b"pandas", notes)]

    def write():
        slots = {0: ("h", 0), 1: ("@", lambda: b.tables([_field(b, f) for f in fields]))}
        if pairs:
            slots[2] = "@", lambda: _pairs(b, pairs)
        return b.table(slots)

    return _message(b, SCHEMA, write, 0)


def batch(rows, nodes, buffers, body):
    """Returns the message of a record batch. buffers has pairs of a position and a size."""
    b = Builder()
    return _message(b, BATCH, lambda: _batch(b, rows, nodes, buffers), body)


def dictionary(id, rows, nodes, buffers, body):
    b = Builder()
    return _message(b, DICTIONARY, lambda: b.table({0: ("q", id), 1: ("@", lambda: _batch(b, rows, nodes, buffers))}), body)


def _message(b, kind, write, body):
    return b.finish(b.table({0: ("h", _VERSION), 1: ("B", kind), 2: ("@", write), 3: ("q", body)}))


def _batch(b, rows, nodes, buffers):
    def pairs(items):
        return lambda: b.structs(len(items), list(itertools.chain.from_iterable(items)))

    return b.table({0: ("q", rows), 1: ("@", pairs(nodes)), 2: ("@", pairs(buffers))})


def _pairs(b, pairs):
    return b.tables([lambda k=k, v=v: b.table({0: ("@", lambda: b.text(k)), 1: ("@", lambda: b.text(v))}) for k, v in pairs])


def _field(b, f):
    """Returns a function that writes a field."""
    if f.encoding is None and not f.metadata and not f.children:
        return functools.partial(_plain_field, b, f)

    def write():
        slots = {0: ("@", lambda: b.text(f.name.encode())), **_slots(b, f, f.nullable)}
        if f.encoding is not None:
            slots[4] = "@", lambda: _encoding(b, f.encoding)
        if f.metadata:
            slots[6] = "@", lambda: _pairs(b, list(f.metadata.items()))
        return b.table(slots)

    return write


def _slots(b, f, nullable):
    """Returns the parts of a field that depend on its type."""
    return {
        1: ("B", int(nullable)),
        2: ("B", f.type),
        3: ("@", lambda: b.table(_type(b, f))),
        5: ("@", lambda: b.tables([_field(b, child) for child in f.children])),
    }


def _plain_field(b, f):
    """Writes a field without an encoding, metadata and children."""
    data, at = _template(f.nullable, f.type, f.width, f.unit, f.scale, f.zone)
    b.align(8)
    start = len(b.data)
    b.data += data
    b.text(f.name.encode())
    return start + at


@functools.lru_cache(256)
def _template(nullable, type, width, unit, scale, zone):
    """Returns what the plain fields of a type have in common, which is all but the name at the end,
    and the position of the table in it. It is the same wherever it begins at a multiple of eight."""
    f = types.SimpleNamespace(type=type, width=width, unit=unit, scale=scale, zone=zone, children=())
    b = Builder()
    b.data.clear()

    def end():
        b.align(4)
        return len(b.data)

    at = b.table({**_slots(b, f, nullable), 0: ("@", end)})
    return bytes(b.data), at


def _encoding(b, e):
    return b.table({0: ("q", e.id), 1: ("@", lambda: b.table({0: ("i", e.width), 1: ("B", int(e.signed))})), 2: ("B", int(e.ordered))})


def _type(b, f):
    """Returns the fields of a type's table."""
    if f.type == t.INT:
        return {0: ("i", f.width), 1: ("B", f.scale)}
    if f.type == t.DECIMAL:
        return {0: ("i", f.unit), 1: ("i", f.scale), 2: ("i", f.width)}
    if f.type == t.TIMESTAMP:
        zone = {1: ("@", lambda: b.text(f.zone.encode()))} if f.zone else {}
        return {0: ("h", f.unit), **zone}
    if f.type in (t.FLOAT, t.DATE, t.INTERVAL, t.DURATION):
        return {0: ("h", f.unit)}
    if f.type == t.TIME:
        return {0: ("h", f.unit), 1: ("i", f.width)}
    return {0: ("i", f.width)} if f.type == t.FIXED_BINARY else {}
