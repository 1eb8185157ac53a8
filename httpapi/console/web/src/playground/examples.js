// Scripts to start from, each with data on which it runs. A Go test runs all of them in a cell.

import {text} from "../strings.js";

const cleaned = `import pandas as pd

# Make one spelling of each name, and fill gaps with the median of the region.
region = pd.Series(_arg1).str.strip().str.title()
sales = pd.to_numeric(pd.Series(_arg2), errors="coerce")
filled = sales.fillna(sales.groupby(region).transform("median"))
print(f"{int(sales.isna().sum())} of {len(sales)} values were missing")
return filled.fillna(0).tolist()
`;

const cleanedData = `Region,Sales
West,120.5
 west ,98
EAST,143.25
east,n/a
West,
North,87
North,92.5
east,131
`;

const clustering = `import numpy as np
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler

# Three groups of customers by sales and profit; both count equally.
points = StandardScaler().fit_transform(np.column_stack([_arg1, _arg2]))
groups = KMeans(n_clusters=3, n_init=10, random_state=0).fit_predict(points)
return [int(g) + 1 for g in groups]
`;

const forecast = `import numpy as np
import pandas as pd
from statsmodels.tsa.holtwinters import ExponentialSmoothing

# The last six months are empty in the data. Fit trend and season to the others.
sales = pd.Series(_arg1, dtype=float)
known = sales.dropna()
model = ExponentialSmoothing(known.to_numpy(), trend="add", seasonal="add", seasonal_periods=12)
future = model.fit().forecast(len(sales) - len(known))
print("forecast:", np.round(future, 1).tolist())
return known.tolist() + future.tolist()
`;

const sentiment = `import re

# A small word list scores each comment from -1 to 1. A model is better; deploy one, and call it
# here with tabpy.query("Sentiment", _arg1)["response"].
good = {"good", "great", "love", "fast", "friendly", "excellent", "easy", "happy"}
bad = {"bad", "slow", "broken", "rude", "late", "poor", "hate", "difficult"}

def score(comment):
    words = re.findall(r"[a-z]+", (comment or "").lower())
    found = [1 if w in good else -1 for w in words if w in good or w in bad]
    return sum(found) / len(found) if found else 0.0

return [score(c) for c in _arg1]
`;

const table = `import pandas as pd

# _arg1 has the columns of the table. The result is a new table.
orders = pd.DataFrame(_arg1)
summary = (
    orders.groupby("Region")
    .agg(Orders=("Sales", "size"), Sales=("Sales", "sum"), Profit=("Profit", "sum"))
    .reset_index()
)
summary["Margin"] = (summary["Profit"] / summary["Sales"]).round(4)
return summary.to_dict(orient="list")
`;

const ordersData = `Region,Category,Sales,Profit
West,Furniture,261.96,41.91
South,Furniture,731.94,219.58
West,Office Supplies,14.62,6.87
South,Furniture,957.58,-383.03
East,Technology,907.15,90.72
East,Office Supplies,68.81,-123.86
Central,Technology,1097.54,123.47
Central,Office Supplies,665.88,13.32
West,Technology,213.48,16.01
`;

const prep = `import pandas as pd

def add_margin(df):
    df["Margin"] = (df["Profit"] / df["Sales"]).round(4)
    return df[["Region", "Category", "Margin"]]

def get_output_schema():
    return pd.DataFrame({
        "Region": prep_string(),
        "Category": prep_string(),
        "Margin": prep_decimal(),
    })
`;

// months returns four years of sales with a trend and a season, the last six months empty.
function months() {
  const lines = ["Month,Sales"];
  for (let i = 0; i < 48; i++) {
    const season = 60 * Math.sin((2 * Math.PI * (i % 12)) / 12) + ((i * 37) % 11);
    const value = i < 42 ? (300 + 4 * i + season).toFixed(1) : "";
    lines.push(`${2023 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, "0")}-01,${value}`);
  }
  return lines.join("\n") + "\n";
}

// customers returns three clouds of points.
function customers() {
  const centres = [[120, 15], [480, 60], [900, -80]];
  const lines = ["Customer,Sales,Profit"];
  for (let i = 0; i < 30; i++) {
    const [sales, profit] = centres[i % 3];
    lines.push(`C${String(i + 1).padStart(3, "0")},${sales + ((i * 29) % 71) - 35},${profit + ((i * 17) % 23) - 11}`);
  }
  return lines.join("\n") + "\n";
}

const commentsData = `Comment
"Great service, and fast delivery"
"The box was broken, and support was slow"
"Easy to use. I love it!"
"It arrived on Tuesday, as planned"
"Friendly people, but late and difficult to reach"
`;

export const examples = [
  {id: "cleaned", kind: "SCRIPT_REAL", script: cleaned, data: cleanedData, args: ["Region", "Sales"]},
  {id: "clustering", kind: "SCRIPT_INT", script: clustering, data: customers(), args: ["Sales", "Profit"]},
  {id: "forecast", kind: "SCRIPT_REAL", script: forecast, data: months(), args: ["Sales"]},
  {id: "sentiment", kind: "SCRIPT_REAL", script: sentiment, data: commentsData, args: ["Comment"]},
  {id: "table", kind: "table", script: table, data: ordersData},
  {id: "prep", kind: "prep", functionName: "add_margin", script: prep, data: ordersData},
].map((example) => ({...example, ...text.examples[example.id]}));
