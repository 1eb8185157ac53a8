"""Measures a server's Arrow Flight service: puts a table, runs a script on it, and gets the result.

Usage: python flight.py HTTP_URL FLIGHT_URI CASE REPETITIONS. Prints a JSON list with the seconds of
put, evaluate and get of each repetition."""

import json
import sys
import time
import urllib.request

import pyarrow as pa
import pyarrow.flight as fl

ROWS = 1_000_000


def numbers():
    import numpy as np

    i = np.arange(ROWS)
    return pa.table({f"c{k}": i * (k + 1) if k % 2 else i / 8 + k for k in range(10)})


def texts():
    return pa.table({"a": [f"region {i % 1000}" for i in range(ROWS)], "b": [f"order {i}" for i in range(ROWS)]})


CASES = {"numbers": numbers, "texts": texts, "ten": lambda: numbers().slice(0, 10)}


def main(url, flight, case, repetitions):
    table, client = CASES[case](), fl.FlightClient(flight)
    times = []
    for _ in range(int(repetitions)):
        path = next(client.do_action(fl.Action("getUniquePath", b""))).body.to_pybytes().decode()
        body = json.dumps({"script": "return _arg1", "dataPath": path}).encode()
        marks = [time.perf_counter()]
        writer, _ = client.do_put(fl.FlightDescriptor.for_path(path), table.schema)
        with writer:
            writer.write_table(table)
        marks.append(time.perf_counter())
        with urllib.request.urlopen(urllib.request.Request(url + "/evaluate", body)) as r:
            out = json.load(r)["outputDataPath"]
        marks.append(time.perf_counter())
        got = client.do_get(fl.Ticket(repr((1, None, (out.encode(),))).encode())).read_all()
        marks.append(time.perf_counter())
        assert got.num_rows == table.num_rows and got.num_columns == table.num_columns
        assert got.slice(table.num_rows - 1).to_pylist() == table.slice(table.num_rows - 1).to_pylist()
        times.append([b - a for a, b in zip(marks, marks[1:])])
    print(json.dumps(times))


main(*sys.argv[1:])
