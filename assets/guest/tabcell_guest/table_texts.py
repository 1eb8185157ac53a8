"""Columns of strings that become Python strings when they are used.

A script often passes most of its columns on, or only filters by one. Until something reads the
strings of a column, it is an array of the right length and type without strings, and the buffers
that they came in; such a column is written without making a string."""

import _arrow
import numpy as np
from pandas._libs.arrays import NDArrayBacked
from pandas.arrays import StringArray

from tabcell_guest import table_columns
from tabcell_guest import table_fields as t

_stored = NDArrayBacked._ndarray.__get__


class Pending:
    """The parts of a column, until its strings are made."""

    def __init__(self, field, parts, null):
        self.field, self.parts, self.null = field, parts, null

    def fill(self, out):
        """Stores the strings."""
        at = 0
        for _, array in self.parts:
            out[at : at + array.length] = table_columns.texts(self.field, array, self.null)
            at += array.length
        self.parts = None


class PendingTexts(StringArray):
    """An array of strings that may not be there yet. The methods of its bases that are compiled do not
    use the property, so they are repeated here."""

    _pending = None  # or Pending, shared with views of the array

    @property
    def _ndarray(self):
        out, pending = _stored(self), self._pending
        if pending is not None:
            if pending.parts is not None:
                pending.fill(out)
            self._pending = None
        return out

    def view(self, dtype=None):
        if dtype is None and self.parts() is not None:
            return _new(_stored(self), self.dtype, self._pending)
        return super().view(dtype)

    def copy(self, order="C"):
        parts = self.parts()
        if parts is None:
            return self._plain().copy(order)
        return _new(np.empty(len(self), object), self.dtype, Pending(self._pending.field, parts, self._pending.null))

    def parts(self):
        """Returns the parts of the column, or None if its strings have been made."""
        return None if self._pending is None else self._pending.parts

    def _plain(self):
        return StringArray._simple_new(self._ndarray, self.dtype)

    def delete(self, *args, **options):
        return self._plain().delete(*args, **options)

    def swapaxes(self, *args):
        return self._plain().swapaxes(*args)

    def repeat(self, *args, **options):
        return self._plain().repeat(*args, **options)

    def reshape(self, *args, **options):
        return self._plain().reshape(*args, **options)

    def ravel(self, *args, **options):
        return self._plain().ravel(*args, **options)

    def transpose(self, *args):
        return self._plain().transpose(*args)

    @property
    def T(self):
        return self._plain().T

    def __reduce__(self):
        return self._plain().__reduce__()

    def __reduce_ex__(self, protocol):
        return self._plain().__reduce_ex__(protocol)

    def _from_backing_data(self, values):
        return StringArray._simple_new(values, self.dtype)

    @classmethod
    def _simple_new(cls, values, dtype):
        return StringArray._simple_new(values, dtype)

    @classmethod
    def _concat_same_type(cls, arrays, axis=0):
        plain = [a._plain() if isinstance(a, PendingTexts) else a for a in arrays]
        return StringArray._concat_same_type(plain, axis)


PendingTexts.__name__ = PendingTexts.__qualname__ = "StringArray"
PendingTexts.__module__ = StringArray.__module__


def _new(values, dtype, pending):
    array = NDArrayBacked.__new__(PendingTexts, values, dtype)
    NDArrayBacked.__init__(array, values, dtype)
    array._pending = pending
    return array


def column(field, parts, dtype):
    """Returns the column of strings of its parts, each a source and an array."""
    length = sum(array.length for _, array in parts)
    if field.type != t.UTF8_VIEW and all(_valid(field, array) for _, array in parts):
        return _new(np.empty(length, object), dtype, Pending(field, parts, dtype.na_value))
    out = np.empty(length, object)
    Pending(field, parts, dtype.na_value).fill(out)
    return StringArray._simple_new(out, dtype)


def _valid(field, array):
    """Reports whether the strings of an array are UTF-8. Raises ArrowInvalid if its offsets are
    wrong."""
    return not array.length or _arrow.check(array.bytes(1), _width(field), array.bytes(2), array.length)


def _width(field):
    return 8 if field.type == t.LARGE_UTF8 else 4


class Passed:
    """A column that is written from the buffers in which it came."""

    def __init__(self, field, parts, length):
        from tabcell_guest.table_arrays import field as new_field

        self.field, self.source, self.parts, self.length = new_field(t.LARGE_UTF8), field, parts, length

    def __len__(self):
        return self.length

    def emit(self, out, start, end):
        missing, offsets, data, size = [], [np.zeros(1, np.int64)], [], 0
        for array, first, last in self._ranges(start, end):
            nulls, positions = array.missing(), self._positions(array)
            missing.append(np.zeros(last - first, bool) if nulls is None else nulls[first:last])
            data.append(array.bytes(2)[positions[first] : positions[last]])
            offsets.append(positions[first + 1 : last + 1].astype(np.int64) + (size - int(positions[first])))
            size += len(data[-1])
        out.node(end - start, np.concatenate(missing) if missing else None)
        out.buffers.append(np.concatenate(offsets).view(np.uint8))
        out.buffers.append(data[0] if len(data) == 1 else b"".join(data))

    def _positions(self, array):
        return array.numbers(1, f"<i{_width(self.source)}", array.length + 1)

    def _ranges(self, start, end):
        """Yields the arrays of a range of rows, with the range in each of them."""
        for _, array in self.parts:
            if start < array.length and end > 0:
                yield array, max(start, 0), min(end, array.length)
            start, end = start - array.length, end - array.length
