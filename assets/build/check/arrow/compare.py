"""Compares the guest's reader and writer of tables with pyarrow, in a native Python that has both.

Usage: PYTHONPATH=../../../guest:FOLDER python compare.py, where FOLDER has the module _arrow. check.sh
builds it and runs this script. Prints each difference; the exit status is 1 if there is one."""

import collections
import datetime as D
import decimal
import enum
import json
import pathlib
import pickle
import re
import sys
import uuid
import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import seeds

from tabcell_guest import table_read, table_write

warnings.simplefilter("ignore")
Dd, nan = decimal.Decimal, np.nan
Number = enum.IntEnum("Number", "A")
Pair = collections.namedtuple("Pair", "x y")
failures = []


def report(what, want, got):
    failures.append(what)
    print(f"{what}\n   pyarrow: {str(want)[:500]}\n   guest:   {str(got)[:500]}")


def attempt(function, *args):
    """Returns a result, or the class and text of the exception."""
    try:
        return function(*args)
    except Exception as e:
        return f"{type(e).__name__}: {e}"


def stream(table):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as w:
        w.write_table(table)
    return bytearray(sink.getvalue().to_pybytes())


def shape(v):
    """Returns a value in a form that shows the types inside of it."""
    if isinstance(v, np.ndarray):
        return "array", str(v.dtype), [shape(x) for x in v]
    if isinstance(v, dict):
        return {k: shape(x) for k, x in v.items()}
    return (type(v).__name__, [shape(x) for x in v]) if isinstance(v, (list, tuple)) else (type(v).__name__, repr(v))


def seen(frame):
    """Returns what a script sees of a frame."""
    if not isinstance(frame, pd.DataFrame):
        return frame
    columns = [[shape(v) for v in frame.iloc[:, i]] for i in range(frame.shape[1])]
    return [str(d) for d in frame.dtypes], repr(frame.index), repr(frame.columns), frame.attrs, columns


def compare_read(what, table):
    want, got = seen(attempt(table.to_pandas)), seen(attempt(table_read.read, stream(table)))
    if str(want) != str(got):
        report(f"read {what}", want, got)


def check_reading():
    for array in seeds.arrays():
        compare_read(array.type, pa.table({"v": array}))
        # pyarrow writes a wrong bitmap for a part of a list view
        if len(array) > 1 and not isinstance(array, (pa.RunEndEncodedArray, pa.ListViewArray)):
            compare_read(f"{array.type} in parts", pa.table({"v": pa.chunked_array([array, array.slice(0, 1), array.slice(1)])}))
        compare_read(f"no {array.type}", pa.table({"v": array.slice(0, 0)}))
    for name, frame in frames().items():
        compare_read(name, pa.table(frame))


def frames():
    """Returns frames whose index, names or types pandas notes in the schema."""
    return {
        "a named index": pd.DataFrame({"a": [1, 2]}, index=pd.Index(["x", "y"], name="k")),
        "an index of times": pd.DataFrame({"a": [1]}, index=pd.DatetimeIndex(["2020"], tz="Europe/Berlin")),
        "a step in the index": pd.DataFrame({"a": range(6)}).iloc[::2],
        "two levels": pd.DataFrame({"a": [1, 2], "k": ["x", "y"], "l": [1, 2]}).set_index(["k", "l"]),
        "numbers as names": pd.DataFrame([[1, 2], [3, 4]]),
        "names in two levels": pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "b"), ("a", "c")], names=["p", "q"])),
        "times as names": pd.DataFrame([[1, 2]], columns=pd.date_range("2020", periods=2)),
        "masked types": pd.DataFrame({"i": pd.array([1, None], "Int64"), "b": pd.array([True, None], "boolean"), "f": pd.array([1.5, None], "Float64")}),
        "categories": pd.DataFrame({"c": pd.Categorical(["x", None, "y"], ordered=True)}),
        "attributes": attributed(pd.DataFrame({"a": [1]})),
        "no columns": pd.DataFrame(index=[1, 2]),
    }


def attributed(frame):
    frame.attrs["source"] = "test"
    return frame


def written(result):
    """Returns the table that the guest writes."""
    pieces = []
    table_write.write(result, lambda b: pieces.append(bytes(b)))
    table = pa.ipc.open_stream(b"".join(pieces)).read_all()
    table.validate(full=True)
    return table


def described(table):
    """Returns the schema, the notes of pandas without their origin, and the values."""
    if not isinstance(table, pa.Table):
        return re.sub("0x[0-9a-f]+", "0x", table)
    notes = json.loads((table.schema.metadata or {}).get(b"pandas", b"null"))
    if notes:
        notes.pop("creator", None)
    return str(table.schema.remove_metadata()), json.dumps(notes), table.num_rows, [c.to_pylist() for c in table.columns]


def check_writing():
    for line in pathlib.Path(__file__).with_name("results.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        want = described(attempt(lambda: pa.ipc.open_stream(stream(pa.table(eval(line)))).read_all()))
        got = described(attempt(lambda: written(eval(line))))
        if str(want) != str(got):
            report(f"write {line}", want, got)


TEXTS = pa.table({"s": ["b", None, "a", "é", "b", ""], "n": [1, 2, 3, 4, 5, 6]})
USES = """f
f.s.isna()
f.s.str.upper()
f.s.unique()
f.sort_values('s')
f[f.s == 'b']
f.s.map({'b': 1})
f.groupby('s').n.sum()
f.s.value_counts()
f.s.tolist()
f.s.astype(object)
f.s.astype('category')
f.s + 'x'
f.s.fillna('none')
f.fillna('none')
f.iloc[::2]
f.iloc[[0, -1]]
f.head(2)
f.drop_duplicates('s')
f.set_index('s')
f.merge(f, on='s')
pd.concat([f, f])
pd.concat([f.s, pd.Series(['q'])])
f.T
f.to_dict(orient='list')
f.to_csv()
f.to_json()
f.values.tolist()
f.s.values
f.s.to_numpy()
f.s.array[2]
f.s.array.copy()
f.s.array.repeat(2)
f.s.array.ravel()
f.s.array.reshape(2, 3)
f.s.array.T
f.s.array.take([1, 0])
f.s.array.delete(0)
f.s.array.transpose()
f.s.shift()
f.s.where(f.n > 2)
f.s.max()
f.describe(include='all')
f.s.factorize()
f.s.isin(['b'])
f.melt(id_vars='n')
f.pivot_table(index='s', values='n')
f.explode('s')
f.sample(3, random_state=1)
f.memory_usage(index=False).n
f.s.equals(f.s)
f.copy()
f.copy(deep=False)
pd.DataFrame(f)
pd.DataFrame(dict(f))
f.assign(t=f.s)
f.rename(columns={'s': 't'})
f.reset_index()
pickle.loads(pickle.dumps(f))
copy.deepcopy(f)
copy.copy(f)
list(f.itertuples(index=False))
f.eval('n + 1')
f.query("s == 'b'")
f.s.searchsorted('a')
f.s.rank()
f.s.cat(f.s) if hasattr(f.s, 'cat') else 0
f.s.str.cat(sep='-')
f.s.interpolate() if False else f.s.ffill()
f.s.replace('b', 'c')
f.nunique()
f.dtypes
repr(f)
np.asarray(f.s)
f.s.array.view()
f.s.array.shape, f.s.array.nbytes > 0, len(f.s.array)
f.s.convert_dtypes()
f.stack()
f.s.str.len().sum()
type(f.s.array).__name__
isinstance(f.s.array, pd.arrays.StringArray)
(f.__setitem__('s', f.s.str.lower()), f)[1]
(f.loc.__setitem__((0, 's'), 'z'), f)[1]
(f.s.array.__setitem__(0, 'z'), f)[1]
(f.insert(0, 'q', f.s), f)[1]
(f.pop('s'), f)
f.apply(lambda r: r.s, axis=1)
f.s.apply(lambda x: x)
[(a.s.array.__setitem__(0, 'z'), a, f)[1:] for a in [f.copy(deep=False)]]
[(a.s.array.__setitem__(0, 'z'), a, f)[1:] for a in [f.copy()]]
""".splitlines()


def check_pending():
    """Uses columns whose strings are not made yet, and columns of strings, in the same ways."""
    import copy

    plain = pd.arrays.StringArray(np.array(TEXTS["s"].to_pandas().astype(object), object), dtype=table_read.TEXT)
    for use in USES:
        results = []
        for f in (pd.DataFrame({"s": plain.copy(), "n": TEXTS["n"].to_pandas()}), table_read.read(stream(TEXTS))):
            results.append(attempt(eval, use, {"f": f, "pd": pd, "np": np, "pickle": pickle, "copy": copy}))
        if str(results[0]) != str(results[1]):
            report(f"use {use}", *results)


check_reading()
check_writing()
check_pending()
print(f"{len(failures)} differences")
sys.exit(bool(failures))
