"""Makes arrays of numpy arrays, pandas objects and other values, as pyarrow.array does."""

import json

import numpy as np
import pandas as pd

from tabcell_guest import table_infer, table_temporal, table_texts, table_zones
from tabcell_guest import table_fields as t
from tabcell_guest.table_arrays import Bools, Categories, Numbers, Structs, Texts, named, numpy_field
from tabcell_guest.table_errors import ArrowInvalid, ArrowNotImplementedError


def array(value):
    """Returns the array of a value of a dictionary."""
    if isinstance(value, pd.DataFrame):
        raise KeyError(0)
    if isinstance(value, (pd.Series, pd.Index, pd.api.extensions.ExtensionArray)):
        return pandas_array(value)
    if isinstance(value, np.ndarray):
        return numpy_array(value)
    return table_infer.array(list(value))


def numpy_array(values, pandas=False):
    """Returns the array of a numpy array. If pandas is true, pandas' missing values are nulls."""
    dtype = values.dtype
    if values.ndim != 1:
        raise ArrowInvalid("only handle 1-dimensional arrays")
    if not dtype.isnative and dtype.kind in "iufcMm":
        raise ArrowNotImplementedError("Byte-swapped arrays not supported")
    if dtype.kind == "b":
        return Bools(values)
    if dtype.kind in "iu" or dtype.kind == "f" and dtype.itemsize <= 8:
        return Numbers(numpy_field(dtype), values, nan=pandas and dtype.kind == "f")
    if dtype.kind in "Mm":
        return table_temporal.numpy_times(values)
    if dtype.kind in "US":
        return Texts(values.astype(object), None, text=dtype.kind == "U")
    if dtype.kind == "O":
        return _objects(values, pandas)
    raise ArrowNotImplementedError(f"Unsupported numpy type {dtype.num}")


def _objects(values, pandas):
    """Returns the array of Python objects; most often they are strings."""
    if pandas and pd.api.types.infer_dtype(values, skipna=True) == "string":
        missing = pd.isna(values)
        return Texts(values, missing if missing.any() else None)
    return table_infer.array(values.tolist(), pandas)


def pandas_array(value):
    """Returns the array of a Series, an Index, or an array of either."""
    dtype = value.dtype
    if isinstance(dtype, np.dtype):
        return numpy_array(value if type(value) is np.ndarray else value.to_numpy(), pandas=True)
    values = value.array if isinstance(value, (pd.Series, pd.Index)) else value
    if isinstance(dtype, pd.CategoricalDtype):
        codes = np.asarray(values.codes)
        return Categories(codes, pandas_array(values.categories), values.ordered)
    if isinstance(dtype, pd.StringDtype):
        return _strings(values)
    if isinstance(dtype, pd.DatetimeTZDtype):
        return _zoned(values)
    if isinstance(dtype, pd.PeriodDtype):
        return _periods(values)
    if isinstance(dtype, pd.IntervalDtype):
        return _intervals(values)
    if hasattr(values, "_mask") and hasattr(values, "_data"):
        return _masked(values._data, values._mask)
    return table_infer.array(list(values), pandas=True)


def _strings(values):
    if isinstance(values, table_texts.PendingTexts) and (parts := values.parts()) is not None:
        return table_texts.Passed(values._pending.field, parts, len(values))
    objects = values.to_numpy(dtype=object)
    missing = pd.isna(objects)
    return Texts(objects, missing if missing.any() else None, large=True)


def _zoned(values):
    zone = table_zones.text(values.dtype.tz)
    made = table_temporal.numpy_times(values.tz_convert("UTC").tz_localize(None).to_numpy())
    made.field.zone = zone
    return made


def _masked(values, mask):
    made = numpy_array(values)
    made.missing = mask if mask.any() else None
    return made


def _periods(values):
    missing = np.asarray(values.isna())
    note = json.dumps({"freq": values.freqstr}).encode()
    made = Numbers(numpy_field(np.dtype(np.int64)), values.asi8, missing if missing.any() else None)
    return _extension(made, b"pandas.period", note)


def _intervals(values):
    missing = np.asarray(values.isna())
    left, right = pandas_array(values.left), pandas_array(values.right)
    made = Structs(len(values), ["left", "right"], [left, right], missing if missing.any() else None)
    note = json.dumps({"subtype": str(values.dtype.subtype), "closed": values.closed}).encode()
    return _extension(made, b"pandas.interval", note)


def _extension(made, name, note):
    made.field = named("", made.field)
    made.field.metadata = {t.EXTENSION: name, b"ARROW:extension:metadata": note}
    return made
