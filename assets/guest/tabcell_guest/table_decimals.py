"""Arrays of decimal numbers, with the least precision that holds them."""

import decimal

import numpy as np

from tabcell_guest import table_fields as t
from tabcell_guest.table_arrays import Numbers, field
from tabcell_guest.table_errors import ArrowInvalid, ArrowTypeError


def array(values, present, missing):
    digits, scale = 0, 0
    for v in present:
        if isinstance(v, bool) or not isinstance(v, (int, decimal.Decimal)):
            raise ArrowTypeError(f"int or Decimal object expected, got {type(v).__name__}")
        d, s = _size(v)
        digits, scale = max(digits, d), max(scale, s)
    precision = max(digits + scale, 1)
    if precision > 76:
        raise ArrowInvalid(f"Decimal precision out of range [1, 76]: {precision}")
    width = 16 if precision <= 38 else 32
    numbers = (_unscaled(v, scale) if missing is None or not missing[i] else 0 for i, v in enumerate(values))
    data = b"".join(n.to_bytes(width, "little", signed=True) for n in numbers)
    return Numbers(field(t.DECIMAL, width=8 * width, unit=precision, scale=scale), np.frombuffer(data, f"V{width}"), missing)


def _size(v):
    """Returns the digits before the decimal point, and those after it."""
    if isinstance(v, int):
        return len(str(abs(v))), 0
    _, digits, exponent = v.as_tuple()
    if exponent == "F":
        raise TypeError("'str' object cannot be interpreted as an integer")
    if not isinstance(exponent, int):
        raise ArrowInvalid(f"The string '{v}' is not a valid decimal128 number")
    return (len(digits) + exponent, 0) if exponent >= 0 else (max(len(digits) + exponent, 0), -exponent)


def _unscaled(v, scale):
    if isinstance(v, int):
        return v * 10**scale
    sign, digits, exponent = v.as_tuple()
    n = int("".join(map(str, digits))) * 10 ** (exponent + scale)
    return -n if sign else n
