"""Writes seeds for fuzz.c to a folder: streams that pyarrow made, of all types that a cell reads.

Usage: python seeds.py FOLDER"""

import datetime
import decimal
import pathlib
import sys
import uuid

import pyarrow as pa

DATE, TIME, MOMENT = datetime.date(2020, 2, 29), datetime.time(1, 2, 3), datetime.datetime(2020, 2, 29, 1, 2, 3)
RECORD = pa.struct([("a", pa.int64()), ("b", pa.string()), ("c", pa.list_(pa.float32()))])


def arrays():
    """Yields arrays of all types, with nulls."""
    for width in (8, 16, 32, 64):
        yield pa.array([1, None, 3], f"int{width}")
        yield pa.array([1, 2, 3], f"uint{width}")
    for kind in (pa.float16(), pa.float32(), pa.float64()):
        yield pa.array([1.5, None, 3], kind)
    yield pa.array([True, None, False])
    yield pa.nulls(3)
    for kind in (pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view()):
        yield pa.array(["x", None, "a text of more than twelve bytes", "x", "", "é"], kind)
    yield pa.array([b"abc", None], pa.binary(3))
    for kind in (pa.date32(), pa.date64()):
        yield pa.array([DATE, None], kind)
    for unit in ("s", "ms", "us", "ns"):
        yield pa.array([MOMENT, None], pa.timestamp(unit))
        yield pa.array([MOMENT, None], pa.timestamp(unit, "Europe/Berlin"))
        yield pa.array([1, None], pa.duration(unit))
    for kind in (pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns")):
        yield pa.array([TIME, None], kind)
    for kind in (pa.decimal32(5, 2), pa.decimal64(10, 2), pa.decimal128(20, 2), pa.decimal256(50, 2)):
        yield pa.array([decimal.Decimal("1.50"), None], kind)
    yield pa.array([(1, 2, 3), None], pa.month_day_nano_interval())
    yield from nested()


def nested():
    """Yields arrays with values inside of values."""
    for kind in (pa.list_(pa.int64()), pa.large_list(pa.string()), pa.list_view(pa.int8()), pa.list_(pa.list_(pa.bool_()))):
        item = {"int64": [1, None], "string": ["x", None], "int8": [1], "list<item: bool>": [[True], None]}[str(kind.value_type)]
        yield pa.array([item, None, [], item], kind)
    yield pa.array([[1, 2], None], pa.list_(pa.int64(), 2))
    yield pa.array([{"a": 1, "b": "x", "c": [1.5]}, None, {"a": None, "b": None, "c": None}], RECORD)
    yield pa.array([[("k", MOMENT)], None], pa.map_(pa.string(), pa.timestamp("us", "UTC")))
    yield pa.array(["x", None, "y"], pa.dictionary(pa.int8(), pa.string()))
    yield pa.array([["x"], [None, "y"]], pa.list_(pa.dictionary(pa.int16(), pa.string())))
    yield pa.RunEndEncodedArray.from_arrays([2, 3], pa.array([1, None]))
    yield pa.ExtensionArray.from_storage(pa.uuid(), pa.array([uuid.UUID(int=1).bytes, None], pa.binary(16)))


def write(path, batches, **options):
    with pa.OSFile(str(path), "wb") as f, pa.ipc.new_stream(f, batches[0].schema, options=pa.ipc.IpcWriteOptions(**options)) as w:
        for batch in batches:
            w.write_batch(batch)


def main(folder):
    folder = pathlib.Path(folder)
    for i, array in enumerate(arrays()):
        batch = pa.record_batch([array], names=["v"])
        write(folder / f"type-{i:02d}.arrow", [batch, batch.slice(1)])
    words = [pa.record_batch([pa.array(w).dictionary_encode()], names=["v"]) for w in (["a", "b"], ["a", "b", "c"], ["d"])]
    write(folder / "dictionary-delta.arrow", words[:2], emit_dictionary_deltas=True)
    write(folder / "dictionary-replaced.arrow", words)
    wide = pa.record_batch([pa.array([i]) for i in range(100)], names=[f"c{i}" for i in range(100)])
    write(folder / "wide.arrow", [wide])
    frame = pa.Table.from_pandas(pa.table({"a": [1, 2], "b": ["x", None]}).to_pandas().set_index("b"))
    write(folder / "pandas.arrow", frame.to_batches())
    for codec in ("lz4", "zstd"):
        write(folder / f"compressed-{codec}.arrow", [wide], compression=codec)


if __name__ == "__main__":
    main(sys.argv[1])
