"""Evaluates scripts on large tables, whose memory the server maps into cells, and compares the results.

Usage: python large_tables.py HTTP_URL FLIGHT_URI."""

import json
import sys
import urllib.request

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.flight as fl

ROWS = 300_000
i = np.arange(ROWS)
FRAME = pd.DataFrame({
    "n": i * 3,
    "x": np.where(i % 7 == 0, np.nan, i / 8),
    "s": [f"order {k}" for k in i],
    "small": i.astype("int16"),
})

# Scripts that keep, change, repeat, shift, and replace the memory of the table.
SCRIPTS = {
    "same": "return _arg1",
    "one column": "return _arg1[['x']]",
    "changed in place": "_arg1.loc[1000:1010, 'n'] = -1\n_arg1.loc[ROWS - 1, 'x'] = 5.0\nreturn _arg1",
    "all changed": "_arg1['n'] += 1\nreturn _arg1",
    "added": "_arg1['y'] = _arg1['n'] * 2\nreturn _arg1",
    "repeated": "return {'a': _arg1['n'].to_numpy(), 'b': _arg1['n'].to_numpy(), 'c': _arg1['n'].to_numpy() + 1}",
    "shifted": "v = _arg1['n'].to_numpy()\nreturn {'a': v[1:], 'b': v[:-1]}",
    "middle": "return _arg1.iloc[70_001:200_003].reset_index(drop=True)",
    "reversed": "return _arg1.iloc[::-1].reset_index(drop=True)",
    "sorted": "return _arg1.sort_values('x', ignore_index=True)",
    "zeros": "_arg1.loc[100_000:200_000, 'n'] = 0\nreturn _arg1",
    "changed and back": "v = _arg1['n'].to_numpy()\nv.flags.writeable = True\nv ^= 1\nv ^= 1\nreturn _arg1",
}


def expected(script):
    scope = {"np": np, "pd": pd, "ROWS": ROWS}
    exec("def run(_arg1):\n  " + script.replace("\n", "\n  "), scope)
    result = scope["run"](FRAME.copy())
    return pa.table(result) if isinstance(result, dict) else pa.Table.from_pandas(result, preserve_index=False)


def evaluate(http, client, table, script):
    path = next(client.do_action(fl.Action("getUniquePath", b""))).body.to_pybytes().decode()
    writer, _ = client.do_put(fl.FlightDescriptor.for_path(path), table.schema)
    with writer:
        writer.write_table(table)
    body = {"script": f"ROWS = {ROWS}\n{script}", "dataPath": path}
    with urllib.request.urlopen(urllib.request.Request(http + "/evaluate", json.dumps(body).encode())) as r:
        out = json.load(r)["outputDataPath"]
    return client.do_get(fl.Ticket(repr((1, None, (out.encode(),))).encode())).read_all()


def columns(table):
    return {name: table[name].cast(pa.string()) if name == "s" else table[name] for name in table.column_names}


def main(http, flight):
    client, failed = fl.FlightClient(flight), 0
    whole = pa.Table.from_pandas(FRAME, preserve_index=False)
    batches = pa.Table.from_batches(whole.to_batches(max_chunksize=90_001))
    for name, script in SCRIPTS.items():
        want = columns(expected(script))
        for table in whole, batches, whole:
            got = columns(evaluate(http, client, table, script))
            if got.keys() != want.keys() or any(not got[c].combine_chunks().equals(want[c].combine_chunks()) for c in want):
                print("differs:", name)
                failed += 1
    print(len(SCRIPTS), "scripts,", failed, "differences")
    return min(failed, 100)


sys.exit(main(*sys.argv[1:]))
