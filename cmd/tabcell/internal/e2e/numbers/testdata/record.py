"""record.py: runs the cases of this folder natively and writes recorded.json: versions, and the described value of each case.

    OPENBLAS_NUM_THREADS=1 python3.13 record.py [FOLDER]

with numpy, pandas, scipy and scikit-learn of the guest's versions (assets/MANIFEST). FOLDER takes the place of this one.
"""

import json
import pathlib
import platform
import runpy
import sys
from importlib.metadata import version

HERE = pathlib.Path(__file__).parent
HELPERS = {"record.py", "described.py"}


def record(folder):
    answers = runpy.run_path(str(HERE / "described.py"))["answers"]
    files = sorted(f for f in folder.glob("*.py") if f.name not in HELPERS)
    values = {f.stem: answers(runpy.run_path(str(f))["cases"]) for f in files}
    versions = {name: version(name) for name in ("numpy", "pandas", "scipy", "scikit-learn")}
    return {"python": platform.python_version(), "versions": versions, "values": values}


def lines(recorded):
    """JSON with a line for each case, so that a change shows in a diff."""
    head = {k: v for k, v in recorded.items() if k != "values"}
    files = []
    for name, cases in recorded["values"].items():
        each = ",\n".join(f"    {json.dumps(k)}: {json.dumps(v, allow_nan=False)}" for k, v in cases.items())
        files.append(f"   {json.dumps(name)}: {{\n{each}\n   }}")
    return json.dumps(head)[:-1] + ',\n "values": {\n' + ",\n".join(files) + "\n }\n}\n"


if __name__ == "__main__":
    place = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    (place / "recorded.json").write_text(lines(record(place)))
