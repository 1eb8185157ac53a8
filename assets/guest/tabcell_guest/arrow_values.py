"""Reads the values of pyarrow arrays that become Python objects: texts, bytes, dates, times and
decimal numbers. A value at a null is any object."""

import datetime
import decimal

import numpy as np

_EPOCH = datetime.date(1970, 1, 1).toordinal()
_MIDNIGHT = datetime.datetime(1970, 1, 1)
_PER_SECOND = {"s": 1, "ms": 1000, "us": 1_000_000, "ns": 1_000_000_000}
_INLINE = 12  # bytes of a value that a view holds itself


def texts(layout, missing):
    """Reads string and large_string."""
    data, starts, ends = _pieces(layout, missing)
    if data.isascii():
        text = data.decode("ascii")
        return [text[a:b] for a, b in zip(starts, ends)]
    return _decode(layout, (data[a:b] for a, b in zip(starts, ends)))


def binaries(layout, missing):
    """Reads binary and large_binary."""
    data, starts, ends = _pieces(layout, missing)
    return [data[a:b] for a, b in zip(starts, ends)]


def fixed_size_binaries(layout, missing):
    width = layout.type.width
    data = layout.numbers(1, np.uint8, layout.offset * width, layout.length * width).tobytes()
    return [data[i * width : (i + 1) * width] for i in range(layout.length)]


def text_views(layout, missing):
    return _decode(layout, binary_views(layout, missing))


def binary_views(layout, missing):
    """Reads views of 16 bytes: a length, and either the value or its buffer and position."""
    views = layout.numbers(1, np.uint8, 16 * layout.offset, 16 * layout.length).tobytes()
    for i in range(layout.length):
        yield b"" if missing is not None and missing[i] else _view(layout, views[16 * i : 16 * i + 16])


def _view(layout, view):
    length, _, buffer, start = (int.from_bytes(view[i : i + 4], "little", signed=True) for i in (0, 4, 8, 12))
    if 0 <= length <= _INLINE:
        return view[4 : 4 + length]
    if min(length, buffer, start) < 0:
        raise layout.error("a view has a negative length or position")
    return layout.numbers(2 + buffer, np.uint8, start, length).tobytes()


def _pieces(layout, missing):
    """Returns the data, and the start and end of each value in it."""
    data = layout.bytes(2)
    positions = layout.positions("<i8" if layout.type.kind.startswith("large") else "<i4", len(data))
    first = int(positions[0])
    starts, ends = positions[:-1] - first, positions[1:] - first
    if missing is not None:
        ends[missing] = starts[missing]
    return data[first : int(positions[-1])].tobytes(), starts.tolist(), ends.tolist()


def _decode(layout, values):
    try:
        return [v.decode("utf-8") for v in values]
    except UnicodeDecodeError as e:
        raise layout.error(f"a value is not UTF-8: {e}") from None


def dates(layout, missing):
    """Reads date32, in days, and date64, in milliseconds."""
    days = _integers(layout, missing, 4) if layout.type.kind == "date32" else _integers(layout, missing, 8) // 86_400_000
    try:
        return [datetime.date.fromordinal(_EPOCH + n) for n in days.tolist()]
    except (ValueError, OverflowError):
        raise layout.error("a date is not in the years 1 to 9999") from None


def times(layout, missing):
    """Reads time32 and time64. Like pyarrow, it drops what is shorter than a microsecond."""
    per_second = _PER_SECOND[layout.type.unit]
    values = _integers(layout, missing, 4 if layout.type.kind == "time32" else 8).tolist()
    if values and not 0 <= min(values) <= max(values) < 86_400 * per_second:
        raise layout.error("a time is not within a day")
    return [(_MIDNIGHT + datetime.timedelta(microseconds=n * 1_000_000 // per_second)).time() for n in values]


def _integers(layout, missing, size):
    """Returns the integers of an array, with 0 for nulls."""
    values = layout.numbers(1, f"<i{size}", layout.offset, layout.length)
    return values if missing is None else np.where(missing, 0, values)


def decimals(layout, missing):
    """Reads decimal numbers, which are integers with an implied exponent."""
    width, exponent = layout.type.width, -layout.type.scale
    for value in fixed_size_binaries(layout, missing):
        number = int.from_bytes(value, "little", signed=True)
        yield decimal.Decimal((int(number < 0), tuple(map(int, str(abs(number)))), exponent))


READERS = {
    "string": texts,
    "large_string": texts,
    "string_view": text_views,
    "binary": binaries,
    "large_binary": binaries,
    "binary_view": binary_views,
    "fixed_size_binary": fixed_size_binaries,
    "date32": dates,
    "date64": dates,
    "time32": times,
    "time64": times,
    "decimal": decimals,
}
