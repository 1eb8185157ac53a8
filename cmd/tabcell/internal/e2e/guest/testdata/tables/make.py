"""Makes the streams in this folder, and seen.json: what a script sees of each with pyarrow.

Usage: PYTHONPATH=assets/build/check/arrow python make.py, with the versions of numpy and pandas that
the guests have, and pyarrow."""

import json
import pathlib
import sys

import pyarrow as pa
import seeds

here = pathlib.Path(__file__).parent
describe = (here / "describe.py").read_text()
for old in here.glob("*.arrow"):
    old.unlink()
seeds.main(here)
seen = {}
for path in sorted(here.glob("*.arrow")):
    if path.name.startswith("compressed"):
        continue
    with pa.OSFile(str(path)) as f:
        frame = pa.ipc.open_stream(f).read_all().to_pandas()
    try:
        exec(describe, {"_arg1": frame})
    except ValueError as e:
        seen[path.name] = json.loads(str(e))
(here / "seen.json").write_text(json.dumps(seen, indent=1, ensure_ascii=True) + "\n")
