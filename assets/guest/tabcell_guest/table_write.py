"""Writes a result as an Arrow IPC stream, in batches, from the memory of its columns."""

import struct

from tabcell_guest import table_messages, table_result
from tabcell_guest.table_arrays import Out
from tabcell_guest.table_errors import ArrowInvalid

BATCH_ROWS = 65_536
MAX_FIELDS = 32_768  # as arrow.h; what a cell writes, a cell can read
_END = struct.pack("<iI", -1, 0)


def write(result, put):
    """Passes the stream of a result to put, in pieces. Raises pyarrow's error before the first
    piece, unless a text cannot be encoded."""
    table = table_result.table(result)
    _number(table)
    put(_framed(table_messages.schema(table.fields, table.notes)))
    for id, column in table.dictionaries:
        _put_batch(put, [column], 0, len(column), lambda *batch, id=id: table_messages.dictionary(id, *batch))
    for start in range(0, table.rows, BATCH_ROWS):
        _put_batch(put, table.columns, start, min(start + BATCH_ROWS, table.rows), table_messages.batch)
    put(_END)


def _number(table):
    """Gives each dictionary a number."""
    table.dictionaries = []
    if len(table.fields) > MAX_FIELDS:
        raise ArrowInvalid(f"the result has {len(table.fields)} columns; a cell writes at most {MAX_FIELDS}")
    for field, column in zip(table.fields, table.columns):
        if field.encoding is not None:
            field.encoding = field.encoding._replace(id=len(table.dictionaries))
            table.dictionaries.append((field.encoding.id, column.dictionary))


def _framed(metadata):
    return struct.pack("<iI", -1, len(metadata)) + metadata


def _put_batch(put, columns, start, end, message):
    out = Out()
    for column in columns:
        column.emit(out, start, end)
    sizes = [memoryview(b).nbytes for b in out.buffers]
    positions, at = [], 0
    for size in sizes:
        positions.append((at, size))
        at += size + -size % 8
    put(_framed(message(end - start, out.nodes, positions, at)))
    for buffer, size in zip(out.buffers, sizes):
        if size:
            put(buffer)
        if size % 8:
            put(bytes(-size % 8))
