"""Runs the scripts of this folder natively and writes their results to the folder recorded.

    OPENBLAS_NUM_THREADS=1 python3.13 record.py [FAMILY ...]

It needs the packages of the full guest in the guest's versions (assets/MANIFEST). pyarrow may be
installed; it is hidden, because cells do not have it. The family nltk_data needs the folders that
assets/build/tools/nltk_data.py writes, and VADER's lexicon, in NLTK_DATA; tables_files needs lxml,
which pandas natively asks for. Time zones are those of tzdata, as in cells.
Each family runs twice, in two processes with different hash seeds and in opposite orders. A script
whose results differ is an error.
"""

import ast
import json
import os
import pathlib
import platform
import subprocess
import sys
from importlib.metadata import version

HERE = pathlib.Path(__file__).parent
PACKAGES = ("numpy", "pandas", "scipy", "scikit-learn")


class WithoutArrow:
    """An import finder that hides pyarrow."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "pyarrow":
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)


def run(family, backwards):
    """Return the results of a family. It is called in a process of its own."""
    sys.meta_path.insert(0, WithoutArrow())
    library = {}
    for source in (HERE.parent.parent / "compare" / "described.py", HERE / "run.py"):
        exec(source.read_text(), library)
    text = (HERE / f"{family}.txt").read_text()
    setup, scripts = library["parse_family"](text)
    exec(setup, {})  # a setup that fails is an error, and so is a script that cannot be parsed
    for script in scripts.values():
        ast.parse(script)
    return library["run_family"](text, backwards=backwards)


def run_elsewhere(family, seed, backwards):
    env = os.environ | {"PYTHONHASHSEED": str(seed), "TZ": "UTC", "PYTHONTZPATH": "", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-X", "utf8", "-W", "ignore", __file__, "--run", family, str(int(backwards))]
    done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def record(family):
    results = run_elsewhere(family, 1, False)
    again = run_elsewhere(family, 2, True)
    unstable = [name for name in results if json.dumps(results[name]) != json.dumps(again[name])]
    for name in unstable:
        print(f"{family}: {name}: {json.dumps(results[name])[:300]}, then {json.dumps(again[name])[:300]}")
    lines = [f"{json.dumps(name)}: {json.dumps(result, allow_nan=False)}" for name, result in results.items()]
    (HERE / "recorded").mkdir(exist_ok=True)
    (HERE / "recorded" / f"{family}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    return unstable


def main(families):
    known = sorted(f.stem for f in HERE.glob("*.txt"))
    failed = any([record(family) for family in families or known])
    versions = {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}
    (HERE / "recorded" / "versions.json").write_text(json.dumps(versions) + "\n")
    return int(failed)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        print("\n" + json.dumps(run(sys.argv[2], sys.argv[3] == "1"), allow_nan=False))
    else:
        sys.exit(main(sys.argv[1:]))
