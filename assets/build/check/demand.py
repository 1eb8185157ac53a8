"""demand.py: prints the share of the imports in demand.txt that exist in cells, as in DEMAND.md.

A library exists if packages.txt has its package. The scripts of the count are not known one by one.
At least so many have all of these imports as if each missing import were in a script of its own."""
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPTS = 195


def rows(name):
    with open(os.path.join(HERE, name)) as f:
        return [line.split() for line in f if line.strip() and line[0] != "#"]


def normalised(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def main():
    packages = {normalised(r[1]) for r in rows("../packages.txt")} | {"own"}
    demand = [(library, int(count), normalised(package) in packages, need) for library, count, package, need in rows("demand.txt")]
    total = sum(count for _, count, _, _ in demand)
    missing = [(library, count) for library, count, exists, _ in demand if not exists]
    lost = sum(count for _, count in missing)
    networked = sum(count for _, count, exists, need in demand if exists and need == "network")
    print(f"{total - lost} of {total} imports exist ({100 * (total - lost) / total:.1f} %), {len(demand) - len(missing)} of {len(demand)} libraries.")
    print(f"At least {SCRIPTS - lost} of {SCRIPTS} scripts ({100 * (SCRIPTS - lost) / SCRIPTS:.1f} %) have all of these imports.")
    print(f"{networked} of the imports that exist need a grant for the network at run time.")
    print("Missing: " + ", ".join(f"{library} {count}" for library, count in missing) + ".")


main()
