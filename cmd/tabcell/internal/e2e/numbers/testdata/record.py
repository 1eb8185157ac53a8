"""Runs the cases natively and writes recorded.json: the versions, and the result of each case.

    OPENBLAS_NUM_THREADS=1 python3.13 record.py [FOLDER]

It needs numpy, pandas, scipy and scikit-learn in the guest's versions (assets/MANIFEST). The files
of cases are read from FOLDER, by default the folder of this script.
"""

import json
import pathlib
import platform
import runpy
import sys
from importlib.metadata import version

HERE = pathlib.Path(__file__).parent
HELPERS = {"record.py"}


def record(folder):
    results = runpy.run_path(str(HERE.parent.parent / "compare" / "described.py"))["results"]
    files = sorted(f for f in folder.glob("*.py") if f.name not in HELPERS)
    values = {f.stem: results(runpy.run_path(str(f))["cases"]) for f in files}
    versions = {name: version(name) for name in ("numpy", "pandas", "scipy", "scikit-learn")}
    return {"python": platform.python_version(), "versions": versions, "values": values}


def lines(recorded):
    """Return JSON with one line for each case, so that diffs show the changed cases."""
    head = {k: v for k, v in recorded.items() if k != "values"}
    files = []
    for name, cases in recorded["values"].items():
        each = ",\n".join(f"    {json.dumps(k)}: {json.dumps(v, allow_nan=False)}" for k, v in cases.items())
        files.append(f"   {json.dumps(name)}: {{\n{each}\n   }}")
    return json.dumps(head)[:-1] + ',\n "values": {\n' + ",\n".join(files) + "\n }\n}\n"


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    (folder / "recorded.json").write_text(lines(record(folder)))
