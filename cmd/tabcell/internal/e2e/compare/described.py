"""Describes values as JSON with all that an analyst can see: types, dtypes, shapes, labels, numbers.

It runs natively (record.py) and in the guest (numbers_test.go appends it to each file of cases).
"""

import math


def results(cases):
    """Return the described result of each case by name. An exception is a result too."""
    return {name: _result(case) for name, case in cases.items()}


def _result(case):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return described(case())
        except Exception as e:
            return {"raises": type(e).__name__, "text": str(e).partition("\n")[0]}


def described(value):
    if value is None or isinstance(value, (bool, str)) and type(value) in (bool, str):
        return value
    if type(value) is int:
        return value
    if type(value) is float:
        return _number(value)
    if type(value) is complex:
        return {"complex": [_number(value.real), _number(value.imag)]}
    if isinstance(value, dict):
        return {"dict": [[described(k), described(v)] for k, v in value.items()]}
    if isinstance(value, (list, tuple)) and not hasattr(value, "_asdict"):
        return [described(v) for v in value]
    if hasattr(value, "_asdict"):
        return {k: described(v) for k, v in value._asdict().items()}
    if isinstance(value, (set, frozenset)):
        return {type(value).__name__: [described(v) for v in sorted(value, key=repr)]}
    return _library_value(value)


def _number(x):
    """Return a finite number unchanged; JSON has no form for other numbers."""
    return x if math.isfinite(x) else {"float": repr(x)}


def _library_value(value):
    import numpy as np
    import pandas as pd

    if isinstance(value, np.ma.MaskedArray):
        return {"masked": _array(value.filled()), "mask": value.mask.tolist()}
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, np.generic):
        return {value.dtype.name: _items(np.asarray(value))[0]}
    if isinstance(value, np.dtype) or isinstance(value, pd.api.extensions.ExtensionDtype):
        return {"dtype": str(value)}
    if isinstance(value, pd.DataFrame):
        columns = [[described(k), _column(value.iloc[:, i])] for i, k in enumerate(value.columns)]
        return {"columns": columns, "index": _index(value.index)}
    if isinstance(value, pd.Series):
        return {"series": _column(value), "name": described(value.name), "index": _index(value.index)}
    if isinstance(value, pd.Index):
        return _index(value)
    if isinstance(value, pd.api.extensions.ExtensionArray):
        return _column(pd.Series(value))
    return {type(value).__name__: str(value)}


def _array(a):
    name = "StringDType" if a.dtype.kind == "T" else a.dtype.name  # its name includes the size of a pointer
    return {name: _items(a), "shape": list(a.shape)}


def _items(a):
    if a.dtype.kind in "mM":
        return a.ravel().astype(str).tolist()
    if a.dtype.names:
        return [str(v) for v in a.ravel().tolist()]
    return [described(v) for v in a.ravel().tolist()]


def _column(s):
    """Describe a Series as {dtype: values}."""
    if str(s.dtype) == "category":
        return {"category": _index(s.cat.categories), "ordered": s.cat.ordered, "codes": _items(s.cat.codes.to_numpy())}
    return {str(s.dtype): [described(v) for v in s.tolist()]}


def _index(index):
    kind = type(index).__name__
    if kind == "RangeIndex":
        return {"RangeIndex": [index.start, index.stop, index.step], "dtype": str(index.dtype)}
    if kind == "CategoricalIndex":
        return {"CategoricalIndex": _column(index.to_series())}
    return {kind: [described(v) for v in index.tolist()], "dtype": str(index.dtype), "names": [described(n) for n in index.names]}
