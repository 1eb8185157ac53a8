"""tables.py inittab MODULE... | frozen NAME=FILE...: prints a C table that the interpreter starts
with.

tabcell_inittab lists the linked extension modules. tabcell_frozen holds the modules that are
imported before the importer of the resources exists: encodings, and the guest's own package."""
import marshal
import sys


def inittab(names):
    entries = [(n, "PyInit_" + n.replace(".", "_")) for n in names]
    for _, f in entries:
        yield f"extern PyObject *{f}(void);"
    yield "struct _inittab tabcell_inittab[] = {"
    for n, f in entries:
        yield f'{{"{n}", {f}}},'
    yield "{0, 0}};"


def frozen(specs):
    rows = []
    for i, (name, path) in enumerate(s.split("=") for s in specs):
        with open(path, "rb") as f:
            code = marshal.dumps(compile(f.read(), f"<frozen {name}>", "exec", dont_inherit=True, optimize=0))
        yield "static const unsigned char code_%d[] = {%s};" % (i, ",".join(map(str, code)))
        rows.append(f'{{"{name}", code_{i}, {len(code)}, {int(path.endswith("/__init__.py"))}}},')
    yield "const struct _frozen tabcell_frozen[] = {"
    yield from rows
    yield "{0, 0, 0, 0}};"


print("#include <Python.h>")
for line in {"inittab": inittab, "frozen": frozen}[sys.argv[1]](sys.argv[2:]):
    print(line)
