"""interface.py WASM: fails unless the module's exports and imports are those of exports.txt and
imports.txt."""
import os
import sys

BUILD = os.environ["BUILD"]


def reader(data):
    at = 0

    def leb():
        nonlocal at
        value = shift = 0
        while True:
            c = data[at]
            at += 1
            value |= (c & 127) << shift
            shift += 7
            if c < 128:
                return value

    def take(n):
        nonlocal at
        at += n
        return data[at - n:at]

    return leb, take


def sections(wasm):
    leb, take = reader(wasm)
    take(8)
    out = {}
    try:
        while True:
            kind = take(1)[0]
            out[kind] = take(leb())
    except IndexError:
        return out


def imports(body):
    leb, take = reader(body)
    for _ in range(leb()):
        module, name, kind = take(leb()).decode(), take(leb()).decode(), take(1)[0]
        if kind != 0:
            sys.exit(f"{module}.{name} is imported but is not a function")
        leb()
        yield f"{module}.{name}"


def exports(body):
    leb, take = reader(body)
    for _ in range(leb()):
        yield take(leb()).decode()
        take(1)
        leb()


def listed(name):
    with open(f"{BUILD}/{name}") as f:
        return {line.strip() for line in f if line.strip() and not line.startswith("#")}


with open(sys.argv[1], "rb") as f:
    found = sections(f.read())
got, want = set(exports(found[7])), listed("exports.txt")
bad = [f"not exported: {n}" for n in sorted(want - got)] + [f"exported, not in exports.txt: {n}" for n in sorted(got - want)]
got, want = set(imports(found[2])), listed("imports.txt")
bad += [f"imported, not in imports.txt: {n}" for n in sorted(got - want)] + [f"in imports.txt, not imported: {n}" for n in sorted(want - got)]
if bad:
    sys.exit("\n".join(bad))
