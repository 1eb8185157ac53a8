"""crates.py CARGO SOURCE: prints crates.lock for the package whose source is in a folder.

CARGO is the pinned compiler's cargo, which needs the network for this. The list has every crate of
the package's own lock file, with the digest in it. use is "linked" for the crates that become part
of the guest, "build" for those that run during the build (macros and what build.rs needs), and
"other" for those of other systems, whose descriptions cargo reads."""
import json
import os
import re
import subprocess
import sys
import tomllib

TARGET = "wasm32-wasip1"
HEAD = """\
# The libraries (crates) of the packages written in Rust: those of the lock file of pydantic-core.
# tools/crates.py prints this file; tools/rust.sh fetches the crates and compares their digests.
# use: linked (part of a guest), build (runs during the build), other (for other systems)."""


def cargo(folder, *args):
    return subprocess.check_output([sys.argv[1], *args, "--locked"], cwd=folder, text=True)


def tree(folder, edges):
    """Returns the names and versions of the crates that are compiled for the target."""
    text = cargo(folder, "tree", "--target", TARGET, "-e", edges, "--prefix", "none")
    return {tuple(line.split()[:2]) for line in text.splitlines() if line}


def licence(package):
    """Returns the licence as an SPDX expression. Old crates separate alternatives by a slash."""
    return re.sub(r"\s*/\s*", " OR ", package["license"])


def main(folder):
    with open(os.path.join(folder, "Cargo.lock"), "rb") as f:
        locked = tomllib.load(f)["package"]
    licences = {(p["name"], p["version"]): licence(p) for p in json.loads(cargo(folder, "metadata", "--format-version", "1"))["packages"]}
    linked, compiled = tree(folder, "normal,no-proc-macro"), tree(folder, "normal,build")
    print(HEAD)
    print("#", "name".ljust(25), "version".ljust(9), "sha256".ljust(64), "use".ljust(6), "licence")
    for p in locked:
        if "checksum" in p:
            key = p["name"], "v" + p["version"]
            use = "linked" if key in linked else "build" if key in compiled else "other"
            print(p["name"].ljust(27), p["version"].ljust(9), p["checksum"], use.ljust(6), licences[key[0], key[1][1:]])


main(sys.argv[2])
