"""Writes pickles.json: pickles that were made with pyarrow, with values computed from them.

Run it with CPython 3.13, numpy 2.5.5, pandas 3.1.1, scikit-learn 1.9.1 and pyarrow 26.0.1."""

import pyarrow as pa
from plain import *  # noqa: F403
from plain import base64, datetime, decimal, json, np, pd, pickle, results, zlib
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import KDTree, KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder, OneHotEncoder
from sklearn.tree import DecisionTreeRegressor

CASES = []


def case(name, x, *expressions, full=False):
    pickled = base64.b64encode(zlib.compress(pickle.dumps(x), 9)).decode()
    expressions = [e for group in expressions for e in ([group] if isinstance(group, str) else group)]
    CASES.append({"name": name, "full": full, "pickle": pickled, "expressions": expressions, "want": results(pickled, expressions)})


def arrow(values, type):
    return pd.Series(values, dtype=pd.ArrowDtype(type))


SERIES = ["x.tolist()", "len(x)", "x.isna().tolist()", "x.dropna().tolist()", "x.iloc[:2].tolist()", "x.iloc[0]", "x.to_dict()",
          "pd.concat([x, x]).tolist()", "x.copy().tolist()", "x.nunique()", "x.drop_duplicates().tolist()", "x.value_counts().tolist()",
          "x.reindex([1, 0]).tolist()", "x.shift(1).tolist()", "x.to_frame('q').iloc[:, 0].tolist()", "pickle.loads(pickle.dumps(x)).tolist()"]
TEXTS = [*SERIES, "x.str.upper().tolist()", "x.str.len().tolist()", "(x == 'a').tolist()", "x.sort_values().tolist()", "x.fillna('z').tolist()",
         "(x + '!').tolist()", "x.isin(['a']).tolist()", "x.str.contains('a').tolist()", "x.min()", "x.astype('category').cat.codes.tolist()",
         "x.unique().tolist()", "x.groupby(x).size().to_dict()"]
NUMBERS = [*SERIES, "x.sum()", "x.mean()", "(x + 1).tolist()", "(x > 1).tolist()", "x.max()", "x.sort_values().tolist()", "x.cumsum().tolist()",
           "x.fillna(0).tolist()", "x.astype(float).tolist()", "x.groupby(x).sum().tolist()", "x.rank().tolist()", "x.diff().tolist()", "x.std()",
           "(x / 2).tolist()"]
TIMES = [*SERIES, "x.max()", "(x + pd.Timedelta(1, 'D')).tolist()", "x.sort_values().tolist()", "(x - x.min()).tolist()",
         "x.dropna().dt.year.tolist()", "x.dropna().dt.strftime('%d.%m.%Y').tolist()", "x.dropna().dt.day_name().tolist()"]
FRAME = ["x.to_dict('list')", "x.columns.tolist()", "x.shape", "x.iloc[0].tolist()", "x.groupby(x.columns[0]).size().to_dict()",
         "x.copy().to_dict('records')", "x.merge(x, on=x.columns[0]).shape", "pd.concat([x, x]).shape", "x.isna().sum().tolist()",
         "x.sort_values(x.columns[0]).index.tolist()", "x[x.columns[0]].tolist()", "x.rename(columns=str.upper).columns.tolist()",
         "x.select_dtypes('number').columns.tolist()", "x.set_index(x.columns[0]).index.tolist()", "x.iloc[1:].to_dict('list')"]
ARRAY = ["x.tolist()", "len(x)", "x[0]", "x.isna().tolist()", "pd.Series(x).tolist()", "x.copy().tolist()", "x[:2].tolist()",
         "pd.concat([pd.Series(x)] * 2).tolist()", "x.take([1, 0]).tolist()", "pd.DataFrame({'q': x}).q.tolist()", "x.unique().tolist()",
         "(x == x[0]).tolist()", "pd.factorize(x)[0].tolist()", "x.astype(object).tolist()", "pickle.loads(pickle.dumps(x)).tolist()"]
GROUPS = ["x.sum().to_dict()", "x.ngroups", "x.get_group('Ulm').tolist()", "list(x.groups)", "x.transform('sum').tolist()",
          "x.agg(['min', 'max']).to_dict()", "[k for k, _ in x]"]

df = pd.DataFrame({"city": ["Ulm", "Bonn", None, "Köln"], "v": [1.5, 2.5, 3.5, 4.5], "n": [1, 2, 3, 4],
                   "d": pd.date_range("2024-01-01", periods=4), "c": pd.Categorical(["a", "b", None, "a"])})
typed = df.convert_dtypes(dtype_backend="pyarrow")
stamps = pd.to_datetime(["2024-01-01 10:00", "2024-03-05 00:00", None])

# Texts
texts = ["a", None, "ü", "ab"]
case("str", pd.Series(texts), TEXTS, "str(x.dtype)")
case("str, a slice", pd.Series(["z", *texts, "q"])[1:5].reset_index(drop=True), TEXTS)
case("str, ASCII", pd.Series(["a", "b"]), TEXTS)
case("str, empty", pd.Series([], dtype="str"), "x.tolist()", "str(x.dtype)")
case("string", pd.Series(texts, dtype="string"), TEXTS, "str(x.dtype)")
case("string[pyarrow]", pd.Series(texts, dtype="string[pyarrow]"), TEXTS)
case("StringDtype with NaN", pd.Series(texts, dtype=pd.StringDtype("pyarrow", na_value=np.nan)), TEXTS)
case("ArrowDtype string", arrow(texts, pa.string()), TEXTS)
case("StringDtype", pd.StringDtype("pyarrow", na_value=np.nan), "str(x)", "pd.Series(['a', None], dtype=x).tolist()")

# Numbers
for t in (pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64(), pa.float32(), pa.float64()):
    case(str(t), arrow([3, None, 1, 2], t), NUMBERS)
case("int64 without nulls", arrow([3, 1, 2], pa.int64()), NUMBERS)
case("halffloat", arrow(np.array([3, 1, 2], "f2"), pa.float16()), "x.tolist()")
case("bool", arrow([True, None, False], pa.bool_()), SERIES, "x.sum()", "(~x).tolist()", "(x & True).tolist()", "x.any()", "x.all()")
case("decimal128", arrow([decimal.Decimal("1.10"), None, decimal.Decimal("-3.25")], pa.decimal128(10, 2)), SERIES, "x.sum()")

# Times
for unit in ("s", "ms", "us", "ns"):
    case(f"timestamp[{unit}]", arrow(stamps, pa.timestamp(unit)), TIMES)
    case(f"duration[{unit}]", arrow(pd.to_timedelta([1, 2, None], unit="h"), pa.duration(unit)), SERIES, "x.sum()", "(x * 2).tolist()")
case("timestamp in Berlin", arrow(stamps.tz_localize("Europe/Berlin"), pa.timestamp("ns", "Europe/Berlin")), TIMES)
case("timestamp in UTC", arrow(stamps.tz_localize("UTC"), pa.timestamp("us", "UTC")), TIMES)
case("date32", arrow([datetime.date(2024, 1, 2), None], pa.date32()), SERIES)
case("date64", arrow([datetime.date(2024, 1, 2), None], pa.date64()), SERIES)
case("time64", arrow([datetime.time(1, 2, 3), None], pa.time64("us")), SERIES)

# Other types
VALUES = ["x.tolist()", "len(x)", "x.isna().tolist()", "x.dropna().tolist()"]
case("list", arrow([[1, 2], None, []], pa.list_(pa.int64())), VALUES)
case("struct", arrow([{"a": 1}, None], pa.struct([("a", pa.int64())])), VALUES)
case("binary", arrow([b"x", None], pa.binary()), SERIES)
case("null", arrow([None, None], pa.null()), "x.tolist()", "x.isna().tolist()")
case("dictionary", arrow(pa.array(["b", "a", None, "b"]).dictionary_encode(), pa.dictionary(pa.int32(), pa.string())), VALUES,
     "(x == 'a').tolist()", "x.groupby(x).size().to_dict()")

# Tables and their parts
case("DataFrame", df, FRAME, "json.loads(x.to_json())", "x.to_csv()")
case("DataFrame, a slice", df.iloc[1:3], FRAME)
case("DataFrame, concatenated", pd.concat([df, df.iloc[:2]]), FRAME)
case("DataFrame, empty", df.iloc[:0], "x.to_dict('list')", "x.shape")
case("DataFrame of ArrowDtype", typed, FRAME)
case("pivot table", df.dropna().pivot_table(index="city", columns="c", values="v", observed=True), "x.to_dict()", "x.index.tolist()")
case("columns", df.columns, "x.tolist()", "x.get_loc('v')", "'v' in x", "x.get_indexer(['n', 'zz']).tolist()", "x.str.upper().tolist()",
     "x.union(['zz']).tolist()", "str(x.dtype)")
case("Index with a name", pd.Index(["a", "b", None], name="k"), "x.tolist()", "x.name", "x.isna().tolist()")
case("Index of integers", pd.Index(arrow([1, 2, None], pa.int64())), "x.tolist()", "x.get_loc(2)")
case("Index of times", pd.Index(arrow(stamps, pa.timestamp("ns"))), "x.tolist()")
case("Index of dates", pd.Index(arrow([datetime.date(2024, 1, 2), None], pa.date32())), "x.tolist()")
case("MultiIndex", df.set_index(["city", "n"]).index, "x.tolist()", "list(x.names)", "x.levels[0].tolist()")
case("MultiIndex of columns", pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "x"), ("b", "y")])), "x.columns.tolist()",
     "x[('a', 'x')].tolist()")
case("Categorical", df.c, "x.tolist()", "x.cat.codes.tolist()", "x.cat.categories.tolist()", "x.value_counts().to_dict()")
case("CategoricalDtype", pd.CategoricalDtype(["lo", "hi"], ordered=True), "pd.Series(['hi', 'lo']).astype(x).cat.codes.tolist()")
case("SeriesGroupBy", df.groupby("city").v, GROUPS)
case("SeriesGroupBy of ArrowDtype", typed.groupby("city").v, GROUPS)
case("SeriesGroupBy by times", typed.groupby("d").v, "x.sum().to_dict()")
case("DataFrameGroupBy", df[["city", "v", "n"]].groupby("city"), "x.sum().to_dict()", "x.v.mean().to_dict()", "x.get_group('Ulm').shape")
case("groups by a Grouper", df.groupby(pd.Grouper(key="d", freq="2D")), "x.v.sum().tolist()")
case("groups that were used", (lambda g: (g.groups, g.indices, g)[-1])(df.groupby("city")), "x.v.mean().to_dict()", "list(x.indices)")
case("Rolling", df.rolling(2, on="d")[["v"]], "x.sum().v.tolist()")
case("Resampler", df.set_index("d").resample("2D"), "x.v.sum().tolist()")
case("accessors", [df.city.str, df.d.dt, df.set_index("n").loc], "x[0].upper().tolist()", "x[1].day.tolist()", "x[2][2, 'city']")
case("grouped result", df.groupby("city").v.sum(), "x.to_dict()", "x['Ulm']", "x.get('zz', -1)")
case("array of str", df.city.array, ARRAY)
for name in typed.columns:
    case(f"array {name}", typed[name].array, ARRAY)
case("shared", [df, df.city, df.city.array, {"k": df.city}], "x[1].tolist()", "x[2].tolist()", "x[3]['k'].tolist()")
case("dtypes", typed.dtypes, "x.index.tolist()", "[str(d) for d in x]")

# pyarrow's own objects
table = pa.Table.from_pandas(df)
case("Table", table, "x.num_rows", "x.column_names", "x.to_pydict()", "x.to_pylist()", "x.to_pandas().to_dict('list')",
     "x['city'].to_pylist()", "x.to_pandas().dtypes.astype(str).tolist()", "x['v'][0].as_py()", "x.shape", "x[1:].to_pydict()")
case("Table with an index", pa.Table.from_pandas(df.set_index("city")), "x.to_pandas().to_dict()", "x.to_pandas().index.name")
case("Table with masked columns", pa.Table.from_pandas(df.convert_dtypes()), "x.to_pandas().to_dict('list')",
     "x.to_pandas().dtypes.astype(str).tolist()")
case("RecordBatch", pa.record_batch({"a": [1, None]}), "x.to_pydict()", "x.num_rows", "x.to_pandas().to_dict('list')")
case("ChunkedArray", pa.chunked_array([["a"], [None, "b"], []]), "x.to_pylist()", "x.to_pandas().tolist()", "x[2].as_py()", "x.null_count")
case("ChunkedArray, empty", pa.chunked_array([], pa.string()), "x.to_pylist()", "x.to_pandas().tolist()")
for values, type in ([1, None], pa.int64()), ([1, 2], pa.int8()), ([True, None], pa.bool_()), ([1, None], pa.date32()), ([1, None], pa.duration("s")):
    case(f"Array {type} {values}", pa.array(values, type), "x.to_pylist()", "x.to_pandas().tolist()", "str(x.to_pandas().dtype)", "str(x.type)")
case("Array of views", pa.array(["a", None, "ü" * 20], pa.string_view()), "x.to_pylist()")
case("Array of maps", pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int64())), "x.to_pylist()", "str(x.type)")
case("Scalar", pa.scalar(3), "x.as_py()", "str(x.type)", "str(x)", "x == x")
case("Scalar of a dictionary", pa.array(["a", "b"]).dictionary_encode()[1], "x.as_py()")
case("Schema", pa.schema([("a", pa.int64()), ("b", pa.list_(pa.string()))], {"k": "v"}), "x.names", "[str(t) for t in x.types]", "x.metadata")
case("Buffer", pa.py_buffer(b"abc"), "x.to_pybytes()", "len(x)")

# Positions of 64 bits, and models
case("positions", [np.dtype("l"), np.array([1, 2], np.intp), np.intp(3), np.array([(1, 2)], [("a", np.intp), ("b", "f8")])], "str(x[0])",
     "(x[1] * 3_000_000_000).tolist()", "x[2] * 3_000_000_000", "x[3].tolist()")
known = df.dropna()
X = np.arange(30.0).reshape(10, 3) % 7
y = X[:, 0] * 2
labels = pd.Series(np.where(y > 5, "hi", "lo"))
case("LabelEncoder", LabelEncoder().fit(known.city), "x.classes_.tolist()", "x.transform(['Ulm', 'Bonn']).tolist()", full=True)
case("OneHotEncoder", OneHotEncoder().fit(known[["city"]]), "x.transform(pd.DataFrame({'city': ['Ulm']})).toarray().tolist()",
     "x.get_feature_names_out().tolist()", full=True)
case("Pipeline", make_pipeline(make_column_transformer((OneHotEncoder(), ["city"]), remainder="passthrough"),
                               LinearRegression()).fit(known[["city", "n"]], known.v),
     "x.predict(pd.DataFrame({'city': ['Ulm'], 'n': [3]})).round(6).tolist()", full=True)
case("DecisionTreeRegressor", DecisionTreeRegressor(random_state=0).fit(X, y), "x.predict([[1, 2, 3]]).tolist()", "x.apply(np.float32([[1, 2, 3]])).tolist()", full=True)
case("RandomForestClassifier", RandomForestClassifier(3, max_depth=2, random_state=0).fit(pd.DataFrame(X, columns=["a", "b", "c"]), labels),
     "x.predict(pd.DataFrame([[1, 2, 3]], columns=['a', 'b', 'c'])).tolist()", "x.feature_names_in_.tolist()", full=True)
case("GradientBoostingRegressor", GradientBoostingRegressor(n_estimators=3, random_state=0).fit(X, y), "x.predict([[1, 2, 3]]).round(9).tolist()", full=True)
case("KNeighborsClassifier", KNeighborsClassifier(1).fit(X, labels), "x.predict([[1, 2, 3]]).tolist()", full=True)
case("KDTree", KDTree(X), "x.query([[1, 2, 3]], k=2)[1].tolist()", full=True)

with open("pickles.json", "w") as f:
    f.write("[\n" + ",\n".join(json.dumps(c, ensure_ascii=False) for c in CASES) + "\n]\n")
