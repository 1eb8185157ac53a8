"""replay.py HTTP_URL FLIGHT_URI KIND [CASE ...]: replays the recorded cases against a server with
pyarrow's client, and prints a line for each that differs. Needs pyarrow, numpy and pandas.

KIND is noauth, auth or tls. Without names, all cases of the kind are replayed. The exit status is
the number of cases that differ."""

import glob
import hashlib
import json
import os
import re
import ssl
import sys
import urllib.error
import urllib.request

import numpy as np
import pyarrow as pa
import pyarrow.flight as flight

HERE = os.path.dirname(os.path.abspath(__file__))
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ADDRESS = re.compile(r"at 0x[0-9a-f]+")
NOT_VERIFIED = ssl._create_unverified_context()


def read_table(name):
    with pa.OSFile(os.path.join(HERE, name)) as f:
        return pa.ipc.open_stream(f).read_all()


def generate(spec):
    """Returns the large table that a case describes."""
    i = np.arange(spec["rows"], dtype="int64")
    columns = {f"i{c}": pa.array(i * (c + 1)) for c in range(spec["ints"])}
    columns |= {f"f{c}": pa.array(i / 8.0 + c) for c in range(spec["floats"])}
    labels = pa.array([f"r{k}" for k in range(1000)])
    columns |= {f"t{c}": labels.take(pa.array(i % 1000)) for c in range(spec["texts"])}
    return pa.table(columns)


def schema_lines(schema):
    return [f"{f.name}: {f.type}{'' if f.nullable else ' not null'}" for f in schema]


def digest(table):
    table = table.combine_chunks().replace_schema_metadata(None)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as w:
        w.write_table(table)
    return hashlib.sha256(sink.getvalue()).hexdigest()


def same(a, b):
    """Compares types and values. The metadata of pandas do not count, and a NaN equals a NaN."""
    return a.schema.remove_metadata().equals(b.schema.remove_metadata()) and repr([c.to_pylist() for c in a.columns]) == repr(
        [c.to_pylist() for c in b.columns]
    )


class Replay:
    """The state of one case: a client, and the values that its steps have saved."""

    def __init__(self, http, uri):
        self.http, self.saved = http.rstrip("/"), {}
        self.client = flight.FlightClient(uri, **({"disable_server_verification": True} if "tls" in uri else {}))

    def fill(self, value):
        """Replaces the names of saved values by the values."""
        if isinstance(value, str):
            return re.sub(r"\$\{(\w+)\}", lambda m: self.saved[m.group(1)], value)
        if isinstance(value, list):
            return [self.fill(v) for v in value]
        if isinstance(value, dict):
            return {k: self.fill(v) for k, v in value.items()}
        return value

    def mask(self, value):
        """Replaces what differs in each run by the names that the recording has."""
        if isinstance(value, str):
            for name, saved in self.saved.items():
                value = value.replace(saved, "${" + name + "}")
            return UUID.sub("<uuid4>", ADDRESS.sub("at 0x...", value))
        if isinstance(value, list):
            return [self.mask(v) for v in value]
        if isinstance(value, dict):
            return {self.mask(k): self.mask(v) for k, v in value.items()}
        return value

    def options(self, step):
        headers = [(k.lower().encode(), v.encode()) for k, v in self.fill(step.get("headers") or [])]
        return flight.FlightCallOptions(headers=headers, timeout=120)

    def descriptor(self, step):
        d = self.fill(step["descriptor"])
        return flight.FlightDescriptor.for_path(*d["path"]) if "path" in d else flight.FlightDescriptor.for_command(d["command"])

    def info(self, i):
        endpoints = [
            {"ticket": e.ticket.ticket.decode(), "locations": [re.sub(r":\d+$", ":PORT", u.uri.decode()) for u in e.locations]}
            for e in i.endpoints
        ]
        return {
            "schema": schema_lines(i.schema),
            "total_records": i.total_records,
            "total_bytes_positive": i.total_bytes > 0,
            "endpoints": endpoints,
            "descriptor": repr(i.descriptor),
        }

    def action(self, step):
        action = flight.Action(step["type"], self.fill(step.get("body", "")).encode())
        results = [r.body.to_pybytes().decode() for r in self.client.do_action(action, self.options(step))]
        if "save" in step:
            self.saved[step["save"]] = results[0]
        return {"results": results}

    def list_actions(self, step):
        return {"actions": [[a.type, a.description] for a in self.client.list_actions(self.options(step))]}

    def list_flights(self, step):
        found = self.client.list_flights(step.get("criteria", "").encode(), self.options(step))
        return {"flights": [self.info(i) for i in found]}

    def get_flight_info(self, step):
        info = self.client.get_flight_info(self.descriptor(step), self.options(step))
        if "save_ticket" in step:
            self.saved[step["save_ticket"]] = info.endpoints[0].ticket.ticket.decode()
        return {"info": self.info(info)}

    def get_schema(self, step):
        return {"schema": schema_lines(self.client.get_schema(self.descriptor(step), self.options(step)).schema)}

    def put(self, step):
        table = generate(step["generate"]) if "generate" in step else read_table(step["table"])
        writer, _ = self.client.do_put(self.descriptor(step), table.schema, self.options(step))
        with writer:
            writer.write_table(table, max_chunksize=step.get("chunk"))
        return {"rows": table.num_rows}

    def get(self, step):
        ticket = step.get("ticket") or repr((1, None, tuple(p.encode() for p in self.fill(step["path"]))))
        self.table = self.client.do_get(flight.Ticket(self.fill(ticket).encode()), self.options(step)).read_all()
        return {"rows": self.table.num_rows, "schema": schema_lines(self.table.schema)}

    def exchange(self, step):
        writer, reader = self.client.do_exchange(self.descriptor(step), self.options(step))
        with writer:
            writer.begin(pa.schema([("a", pa.int64())]))
            writer.done_writing()
            reader.read_all()
        return {}

    def request(self, step):
        body = json.dumps(self.fill(step["json"])).encode() if "json" in step else None
        r = urllib.request.Request(self.http + self.fill(step["path"]), body, method=step.get("method", "POST"))
        for name, value in step.get("headers") or []:
            r.add_header(name, self.fill(value))
        try:
            with urllib.request.urlopen(r, timeout=120, context=NOT_VERIFIED if self.http.startswith("https") else None) as response:
                status, text = response.status, response.read().decode()
        except urllib.error.HTTPError as e:
            status, text = e.code, e.read().decode()
        seen = {"status": status}
        try:
            seen["body"] = json.loads(text)
        except ValueError:
            seen["text"] = text
        if "save" in step and isinstance(seen.get("body"), dict) and step.get("save_key") in seen["body"]:
            self.saved[step["save"]] = seen["body"][step["save_key"]]
        return seen

    def difference(self, step):
        """Carries out a step. Returns the difference from what TabPy did, or None."""
        self.table = None
        want = dict(step["expect"])
        table, checksum = want.pop("table", None), want.pop("sha256", None)
        try:
            seen = getattr(self, {"http": "request"}.get(step["do"], step["do"]))(step)
        except (pa.ArrowException, flight.FlightError) as e:
            seen = {"error": {"class": type(e).__name__}}
            want = {"error": {"class": want["error"]["class"]}} if "error" in want else want
        for key in step.get("ignore", []):
            want.pop(key, None)
            seen.pop(key, None)
        seen = self.mask(seen)
        if isinstance(seen.get("body"), dict) and "state_path" in seen["body"]:
            seen["body"]["state_path"] = "STATE_PATH"
        if seen != want:
            return f"want {json.dumps(want)[:600]}, got {json.dumps(seen)[:600]}"
        if table and self.table is not None and not same(read_table(table), self.table):
            return f"the table is not {table}: {self.table.slice(0, 8).to_pydict()}"
        if checksum and self.table is not None and digest(self.table) != checksum:
            return "the large table differs"
        return None


def main(http, uri, kind, names):
    differ = count = 0
    for path in sorted(glob.glob(os.path.join(HERE, "cases", "*.json"))):
        with open(path) as f:
            case = json.load(f)
        if case["kind"] != kind or names and case["name"] not in names:
            continue
        count += 1
        replay = Replay(http, uri)
        for number, step in enumerate(case["steps"]):
            try:
                difference = replay.difference(step)
            except KeyError as e:
                difference = f"an earlier step has not saved {e}"
            if difference:
                print(f"DIFFERS {case['name']} step {number} {step['do']}: {difference}", flush=True)
                differ += 1
                break
    print(f"{count} replayed, {differ} differ", flush=True)
    return differ


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4], sys.argv[4:]))
