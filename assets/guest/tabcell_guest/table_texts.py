"""Columns of strings that become Python strings when they are used.

A script often passes most of its columns on, or only filters by one. Until something reads the
strings of a column, it has the right length and type, the buffers that they came in, and no memory
for strings; such a column is written without making a string."""

import _arrow
import numpy as np
from pandas._libs.arrays import NDArrayBacked
from pandas.arrays import StringArray

from tabcell_guest import table_columns
from tabcell_guest import table_fields as t

_stored = NDArrayBacked._ndarray.__get__
_NONE = np.array(None, object)


class Pending:
    """The parts of a column, until its strings are made."""

    def __init__(self, field, parts, null):
        self.field, self.parts, self.null, self._made = field, parts, null, None

    def strings(self):
        """Returns the strings, always the same array."""
        if self._made is None:
            made = [table_columns.texts(self.field, array, self.null) for _, array in self.parts]
            self._made = made[0] if len(made) == 1 else np.concatenate(made or [np.empty(0, object)])
            self.parts = None
        return self._made


class PendingTexts(StringArray):
    """An array of strings that may not be there yet. The methods of its bases that are compiled do not
    use the property, so they are repeated here."""

    _pending = None  # or Pending, shared with views of the array

    @property
    def _ndarray(self):
        if self._pending is not None:
            NDArrayBacked.__init__(self, self._pending.strings(), self.dtype)
            self._pending = None
        return _stored(self)

    def view(self, dtype=None):
        if dtype is None and self.parts() is not None:
            return _new(len(self), self.dtype, self._pending)
        return super().view(dtype)

    def copy(self, order="C"):
        parts = self.parts()
        if parts is None:
            return self._plain().copy(order)
        return _new(len(self), self.dtype, Pending(self._pending.field, parts, self._pending.null))

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


def _new(length, dtype, pending):
    """Returns an array of pending strings. In place of them it has one None, repeated without memory."""
    values = np.broadcast_to(_NONE, length)
    array = NDArrayBacked.__new__(PendingTexts, values, dtype)
    NDArrayBacked.__init__(array, values, dtype)
    array._pending = pending
    return array


def column(field, parts, dtype):
    """Returns the column of strings of its parts, each a source and an array."""
    length = sum(array.length for _, array in parts)
    if field.type != t.UTF8_VIEW and all(_valid(field, array) for _, array in parts):
        return _new(length, dtype, Pending(field, parts, dtype.na_value))
    return StringArray._simple_new(Pending(field, parts, dtype.na_value).strings(), dtype)


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

        self.field, self.source, self.length = new_field(t.LARGE_UTF8), field, length
        self.parts = [(array, array.missing()) for _, array in parts]

    def __len__(self):
        return self.length

    def emit(self, out, start, end):
        pieces = [self._piece(*part) for part in self._ranges(start, end)]
        if len(pieces) == 1:
            missing, offsets, data = pieces[0]
        else:
            missing, offsets, data = _join(pieces)
        out.node(end - start, missing)
        out.buffers += offsets, data

    def _piece(self, array, nulls, first, last):
        """Returns which strings of a range are null, or None, and their offsets and data."""
        width = _width(self.source)
        positions = array.numbers(1, f"<i{width}", array.length + 1)
        data = array.bytes(2)[positions[first] : positions[last]]
        return None if nulls is None else nulls[first:last], _arrow.rebase(array.bytes(1), width, first, last), data

    def _ranges(self, start, end):
        """Yields the arrays of a range of rows and their nulls, with the range in each of them."""
        for array, nulls in self.parts:
            if start < array.length and end > 0:
                yield array, nulls, max(start, 0), min(end, array.length)
            start, end = start - array.length, end - array.length


def _join(pieces):
    missing, offsets, size = [np.empty(0, bool)], [np.zeros(1, np.int64)], 0
    for nulls, piece, data in pieces:
        positions = np.frombuffer(piece, np.int64)
        missing.append(np.zeros(len(positions) - 1, bool) if nulls is None else nulls)
        offsets.append(positions[1:] + size)
        size += len(data)
    return np.concatenate(missing), np.concatenate(offsets).view(np.uint8), b"".join(data for _, _, data in pieces)
