"""Writes recorded.json: the results of the cases in a native Python on Linux with glibc.

Usage: LANG=C.UTF-8 python record.py FOLDER, where FOLDER is the folder of the package tzdata in the
guest's version. The C library gets its zones from there."""

import json
import os
import sys
import types

folder = os.path.abspath(sys.argv[1])
os.environ["TZDIR"] = os.path.join(folder, "zoneinfo")
os.environ["TZ"] = "UTC"
tzdata = sys.modules["tzdata"] = types.ModuleType("tzdata")
tzdata.__file__ = os.path.join(folder, "__init__.py")
os.chdir(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, ".")

recorded = {}
for name in ("locales", "strftime", "strptime", "localtime"):
    module = __import__(name)
    recorded[name] = dict(module.cases())
recorded["zones"] = dict(module.all_zones())
with open("recorded.json", "w") as file:
    for i, (group, cases) in enumerate(recorded.items()):
        lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in cases.items())
        file.write(f"{',' if i else '{'}{json.dumps(group)}: {{\n{lines}\n}}\n")
    file.write("}\n")
