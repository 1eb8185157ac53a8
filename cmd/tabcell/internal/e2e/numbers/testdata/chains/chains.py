"""Makes random chains of operations on frames and arrays, and runs chains.

A chain is a list of lines of Python. The first line makes the data from a seed; each other line
assigns f (a frame), s (a series) or a (an array). As a program, it answers requests in JSON, one a
line: {"seed": 1} with a chain and the results of its lines, {"lines": [...]} with the results of
these lines. In a cell, chains_test.go appends it to described.py and calls run_chain.
"""

START = (
    "import numpy as np, pandas as pd; g = np.random.default_rng(SEED); n = int(g.integers(5, 40)); "
    "f = pd.DataFrame({'k': g.choice(list('abcd'), n), 'j': g.choice(['x', 'y', None], n).astype(object), "
    "'i': g.integers(-5, 9, n), 'b': g.integers(0, 2**40, n), 'v': g.integers(-40, 90, n) / 4, "
    "'w': np.where(g.random(n) < 0.2, np.nan, g.integers(0, 50, n) / 2), "
    "'t': pd.Timestamp('2024-01-28') + pd.to_timedelta(g.integers(0, 2000, n), 'h'), 'q': g.random(n) < 0.4}); "
    "f['j'] = f['j'].astype('str'); s = f['v']; a = f['i'].to_numpy()"
)

# The words in braces stand for a random value of their kind; see choices.
STEPS = [
    # Frames.
    "f = f.sort_values({col}, ascending={flag}, kind='stable')",
    "f = f.sort_values([{col}, {col}], kind='stable', na_position={napos})",
    "f = f[f[{num}] > f[{num}].median()]",
    "f = f.loc[f[{key}] == {letter}] if (f[{key}] == {letter}).sum() > 2 else f",
    "f = f.reset_index(drop=True)",
    "f = f.reset_index().rename(columns={'index': 'r'})",
    "f = f.assign(c{n}=f[{num}] * {factor})",
    "f = f.assign(c{n}=f[{num}] // {small})",
    "f = f.assign(c{n}=f[{num}].rank(method={rank}) * {factor})",
    "f = f.assign(c{n}=f.groupby({key})[{num}].transform({agg}))",
    "f = f.assign(c{n}=f.groupby({key}).cumcount() * {factor})",
    "f = f.assign(c{n}=f.groupby({key}).ngroup() * {factor})",
    "f = f.assign(c{n}=pd.factorize(f[{col}])[0] * {factor})",
    "f = f.assign(c{n}=pd.cut(f[{num}], {small}, labels=False) * {factor})",
    "f = f.assign(c{n}=f[{num}].shift({small}).fillna(0))",
    "f = f.assign(c{n}=np.where(f[{num}] > {small}, f[{num}], -1))",
    "f = f.assign(c{n}=f['t'].dt.{part})",
    "f = f.assign(c{n}=f['t'].dt.strftime({format}))",
    "f = f.assign(c{n}=f[{key}].str.{text})",
    "f = f.assign(c{n}=f[{num}].fillna(-1).astype({dtype}))",
    "f = f.assign(c{n}=f[{key}].astype('category').cat.codes)",
    "f = f.assign(c{n}=f[{num}].rolling({small}, min_periods=1).{roll}())",
    "f = f.drop_duplicates({col}, keep={keep})",
    "f = f.merge(f.groupby({key})[[{num}]].{agg2}().add_prefix('m{n}_').reset_index(), on={key}, how={how})",
    "f = pd.concat([f, f.head({small})], ignore_index={flag})",
    "f = f.sample(frac=0.8, random_state={small})",
    "f = f.head(40)",
    "f = f.fillna({'w': {small}})",
    "f = f.dropna(subset=[{col}])",
    "f = f.where(f[{num}].notna()).infer_objects()",
    "f = f.nlargest({small}, {num}) if len(f) > 10 else f",
    # Series.
    "s = f.groupby({key})[{num}].{agg2}()",
    "s = f.groupby([{key}, {key}], dropna={flag})[{num}].{agg2}()",
    "s = f.groupby({key})[{num}].agg({agg})",
    "s = f.groupby(f['t'].dt.{part})[{num}].{agg2}()",
    "s = f.set_index('t').sort_index()[{num}].resample({freq}).{agg2}()",
    "s = f.set_index('t').sort_index()[{num}].rolling('5D').{roll}()",
    "s = f[{col}].value_counts(dropna={flag}).sort_index()",
    "s = f.pivot_table({num}, {key}, 'q', aggfunc={agg}).sum(axis=1)",
    "s = f[{num}].quantile([0.1, 0.5, 0.75], interpolation={quantile})",
    "s = f[{num}].describe()",
    "s = f[{num}].diff({small})",
    "s = f[{num}].{cum}()",
    "s = f[{num}].clip(-{small}, {small})",
    "s = f[{num}].map(lambda x: x * {factor})",
    "s = f[{num}].astype(str).str.len()",
    "s = f[{num}].interpolate(limit_direction='both')",
    "s = f[{num}].ewm(span={small}).mean().round(6)",
    "s = f[{num}].expanding().{roll}()",
    "s = f[{num}].argsort() * {factor}",
    "s = f[{col}].isna().cumsum()",
    "s = f[{key}].str.cat(f[{key}], sep='-', na_rep='?')",
    "s = f['t'].dt.to_period({period}).astype(str)",
    "s = f['t'].sort_values().diff().dt.total_seconds()",
    "s = f['t'] + pd.to_timedelta(f['i'], unit={unit})",
    "s = f['t'].dt.{round}({tick})",
    "s = f['t'].dt.tz_localize('UTC').dt.tz_convert({zone}).dt.{part}",
    "s = f.index.to_series().astype('int64') * {factor} if f.index.dtype.kind in 'iu' else f[{num}]",
    "s = s.sort_index() if len(s) else s",
    "s = s.reset_index(drop=True)",
    "s = s.head({small})",
    # Arrays.
    "a = f[{num}].fillna(0).to_numpy()",
    "a = np.argsort(f[{num}].to_numpy(), kind='stable') * {factor}",
    "a = np.nonzero(f[{num}].to_numpy() > {small})[0] * {factor}",
    "a = np.searchsorted(np.sort(f[{num}].fillna(0).to_numpy()), [{small}, {small}.5, -1]) * {factor}",
    "a = np.unique(f[{num}].fillna(0).to_numpy(), return_inverse=True)[1] * {factor}",
    "a = np.unique(f[{num}].fillna(0).to_numpy(), return_counts=True)[1] * {factor}",
    "a = np.digitize(f[{num}].fillna(0).to_numpy(), [0, 5, 10]) * {factor}",
    "a = np.histogram(f[{num}].fillna(0).to_numpy(), {small})[0] * {factor}",
    "a = np.bincount(np.abs(f['i'].to_numpy().astype(int))) * {factor}",
    "a = a.astype({dtype})",
    "a = (a * {factor}).astype({dtype})",
    "a = np.{ufunc}(a)",
    "a = np.{binary}(a, {small})",
    "a = np.{reduce}(a) if a.size else a",
    "a = np.{cumulative}(a)",
    "a = np.sort(a)[::-1]",
    "a = a.reshape(-1)[:{small}]",
    "a = np.concatenate([np.ravel(a), np.ravel(a)[:{small}]])",
    "a = np.where(a > {small}, a, -a) if a.dtype.kind in 'if' else a",
    "a = np.outer(np.ravel(a)[:3], [1, {small}])",
    "a = np.percentile(a, [10, 50, 90]) if np.size(a) else a",
    "a = np.random.default_rng({small}).permutation(np.ravel(a))",
    "a = np.random.RandomState({small}).randint(0, {factor}, 5)",
    "a = np.take(np.ravel(a), np.argsort(np.ravel(a))[:{small}])",
    "a = np.round(a, 2)",
    "a = np.ravel(a).cumsum() % {small}",
    "a = np.array(f.groupby({key}).ngroup()) * {factor}",
    "a = pd.Index(f[{num}]).get_indexer(pd.Index(f[{num}]).unique()[:3]) * {factor} if f[{num}].is_unique else a",
    "a = np.char.upper(f[{key}].fillna('').to_numpy().astype('U'))[:{small}]; a = np.strings.str_len(a) * {factor}",
    "a = np.linalg.norm(np.ravel(a).astype(float)).round(6)",
]


def choices(random, f):
    """Return a function that gives a random value for a word of a step."""
    types = list(zip(f.columns, f.dtypes))  # names of columns may repeat
    numbers = [c for c, t in types if t.kind in "if"]
    keys = [c for c, t in types if str(t) in ("str", "object", "category")]
    values = {
        "col": list(f.columns), "num": numbers, "key": keys, "flag": [True, False], "napos": ["first", "last"],
        "letter": list("abcdxy"), "small": list(range(2, 8)), "factor": [1, 3, 1000, 50_000, 10**6, 10**9, 3_000_000_000],
        "rank": ["min", "max", "first", "dense", "average"], "keep": ["first", "last"], "how": ["left", "inner", "outer"],
        "agg": ["sum", "mean", "max", "min", "count", "first", "last", "nunique", "median"],
        "dtype": ["int64", "int32", "float64", "float32", "int8", "uint8"], "freq": ["D", "W", "ME", "MS", "QE", "6h", "2D"],
        "quantile": ["linear", "lower", "nearest"], "period": ["M", "Q", "W", "D"], "unit": ["D", "h", "min"], "tick": ["h", "D", "15min"],
        "format": ["%Y-%m", "%l:%M %p", "%-d %^b %y", "%G-W%V-%u", "%k|%e|%j", "%q%%", "%s", "%C%y"],
        "zone": ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"],
    }
    plain = {
        "part": ["month", "day", "hour", "dayofweek", "quarter", "year", "dayofyear"],
        "agg2": ["sum", "mean", "max", "min", "count", "size", "nunique", "median", "first"],
        "text": ["upper()", "len()", "title()", "contains('a')", "replace('a', 'zz')", "zfill(3)", "get(0)"],
        "roll": ["sum", "mean", "max", "min", "count", "median"], "cum": ["cumsum", "cummax", "cummin", "rank", "abs"],
        "round": ["floor", "ceil", "round"],
        "ufunc": ["negative", "abs", "sign", "square", "floor", "isnan", "sqrt", "exp2", "sin", "log1p", "float64", "ceil"],
        "binary": ["add", "multiply", "floor_divide", "remainder", "maximum", "subtract", "power", "divide", "fmod"],
        "reduce": ["sum", "mean", "max", "argmax", "argmin", "prod", "std", "median", "ptp", "count_nonzero"],
        "cumulative": ["cumsum", "diff", "unique", "ravel", "flip", "cumprod"],
        "n": [str(random.randrange(4))],
    }

    def choose(word):
        return random.choice(plain[word]) if word in plain else repr(random.choice(values[word]))

    return choose


def filled(random, step, f):
    """Return a step with random values in place of the words in braces."""
    import re

    choose = choices(random, f)
    return re.sub(r"\{(\w+)\}", lambda m: choose(m.group(1)), step)


def make_chain(seed, length=12):
    """Return a random chain and the results of its lines."""
    import random

    r = random.Random(seed)
    scope, lines, results = {}, [], []
    for i in range(length):
        try:
            line = START.replace("SEED", str(seed)) if i == 0 else filled(r, r.choice(STEPS), scope["f"])
        except IndexError:  # the frame has no column of the kind
            continue
        lines.append(line)
        results.append(run_line(line, scope))
    return {"lines": lines, "results": results}


def run_chain(lines):
    scope = {}
    return [run_line(line, scope) for line in lines]


def run_line(line, scope):
    """Run a line and return the described value of the variable that it assigns last."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(line, scope)
            name = line.rpartition("; ")[2][0] if not line.startswith("import") else "f"
            return described(scope[name])
        except Exception as e:
            return {"raises": type(e).__name__, "text": str(e).partition("\n")[0]}


if __name__ == "__main__":
    import json
    import pathlib
    import sys

    exec((pathlib.Path(__file__).parents[3] / "compare" / "described.py").read_text())
    for text in sys.stdin:
        request = json.loads(text)
        if "seed" in request:
            response = make_chain(request["seed"])
        else:
            response = {"lines": request["lines"], "results": run_chain(request["lines"])}
        print(json.dumps(response, allow_nan=False), flush=True)
