import io
import numpy as np
import pandas as pd
r = np.random.default_rng(3)
df = pd.DataFrame({"g": list("abcab") * 20, "v": r.normal(size=100), "n": np.arange(100), "d": pd.date_range("2024-01-01", periods=100, freq="13h", tz="Europe/Berlin")})
df.loc[::7, "v"] = np.nan
other = pd.DataFrame({"g": ["a", "b", "z"], "w": [1, 2, 3]})
return [df.groupby("g")["v"].agg(["mean", "std", "count"]).round(9).to_dict(), df["v"].rolling(5, min_periods=1).mean().round(9).tolist()[:10], df.merge(other, on="g", how="outer")["w"].value_counts(dropna=False).to_dict(),
        df.pivot_table(index="g", columns=df["d"].dt.month, values="n", aggfunc="sum").to_dict("list"), df.set_index("d")["n"].resample("W").sum().tolist(), df.describe()["n"].to_dict(), df.dtypes.astype(str).to_dict(),
        pd.read_csv(io.StringIO("a,b\n1,x\n,y")).to_dict("list"), df.head(2).to_csv(index=False), df["g"].astype("category").cat.codes.tolist()[:5], pd.to_datetime(["2024-02-29", "bad"], errors="coerce").tolist(),
        df["g"].str.upper().str.cat(sep="")[:6], pd.cut([1, 5, 9], 3, labels=False).tolist(), df["v"].interpolate().isna().sum(), pd.get_dummies(other["g"]).to_dict("list"), df.nlargest(2, "v")["n"].tolist(),
        pd.concat([other, other]).drop_duplicates().shape, df.eval("n * 2").sum(), df.query("n > 95")["n"].tolist(), pd.Series([1, None], dtype="Int64"), df["d"].dt.tz_convert("UTC").dt.hour.sum(), df.melt(id_vars="g", value_vars="n").shape]
