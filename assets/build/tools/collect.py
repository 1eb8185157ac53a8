"""collect.py BUILD_DIR...: makes of every extension module that meson would install one object for the final link, in $WORK/objects.

All its symbols become local except its entry point, which is named after the whole module: PyInit_package_module. Hundreds of equal
names in different packages (and C++ templates of different versions under one name) would clash otherwise. Prints the modules' names.

The symbol table that is rewritten is that of the tool conventions for wasm object files ("linking" section, WASM_SYMBOL_TABLE)."""
import json
import os
import re
import subprocess
import sys

# What only numpy's own tests use, a twin of lapack that nothing imports, and instruction sets of other machines.
LEFT_OUT = re.compile(r"(^|\.)(tests|_?test_.*|_tests?|_(multiarray|operand_flag|rational|struct_ufunc|umath)_tests|_simd)($|\.)|^numpy\.linalg\.lapack_lite$")
CUSTOM, SYMBOL_TABLE, COMDAT_INFO = 0, 8, 7
FUNCTION, DATA, GLOBAL, SECTION, TAG, TABLE = range(6)
BINDING_MASK, BINDING_LOCAL, VISIBILITY_HIDDEN, UNDEFINED, EXPORTED, EXPLICIT_NAME = 3, 2, 4, 0x10, 0x20, 0x40


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def leb(self):
        value = shift = 0
        while True:
            c = self.byte()
            value |= (c & 127) << shift
            shift += 7
            if c < 128:
                return value

    def bytes(self, n):
        self.at += n
        return self.data[self.at - n:self.at]

    def name(self):
        return self.bytes(self.leb())

    def more(self):
        return self.at < len(self.data)


def leb(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def sized(b):
    return leb(len(b)) + b


def symbol(r, rename):
    """One entry of the symbol table, made local, or global under its new name."""
    kind, flags = r.byte(), r.leb()
    undefined = flags & UNDEFINED
    name, head, tail = None, b"", b""
    if kind == DATA:
        name = r.name()
        if not undefined:
            tail = b"".join(leb(r.leb()) for _ in range(3))
    else:
        head = leb(r.leb())
        if kind != SECTION and (not undefined or flags & EXPLICIT_NAME):
            name = r.name()
    if not undefined and kind != SECTION:
        if name in rename:
            name = rename[name]
            flags &= ~(BINDING_MASK | VISIBILITY_HIDDEN | EXPORTED)
        else:
            flags = flags & ~BINDING_MASK | BINDING_LOCAL
    return bytes([kind]) + leb(flags) + head + (sized(name) if name is not None else b"") + tail


def linking(body, rename):
    """The linking section with its symbols rewritten. COMDAT groups, which the linker would merge between modules by name, go."""
    r = Reader(body)
    out = leb(r.leb())
    while r.more():
        kind, sub = r.byte(), r.bytes(r.leb())
        if kind == COMDAT_INFO:
            continue
        if kind == SYMBOL_TABLE:
            s = Reader(sub)
            n = s.leb()
            sub = leb(n) + b"".join(symbol(s, rename) for _ in range(n))
        out += bytes([kind]) + sized(sub)
    return out


def localised(obj, rename):
    r = Reader(obj)
    out = r.bytes(8)
    if out != b"\0asm\1\0\0\0":
        raise ValueError("not a wasm object")
    while r.more():
        section, body = r.byte(), r.bytes(r.leb())
        if section == CUSTOM:
            b = Reader(body)
            name = b.name()
            if name == b"linking":
                body = sized(name) + linking(body[b.at:], rename)
        out += bytes([section]) + sized(body)
    return out


def modules(build):
    """dotted name -> file, of what meson would install from a build folder"""
    installed = json.loads(subprocess.check_output(["meson", "introspect", "--installed", build]))
    for built, place in installed.items():
        if built.endswith(".so"):
            rel = re.split(r"(?:site|dist)-packages/", place)[-1]
            dotted = os.path.dirname(rel).replace("/", ".") + "." + os.path.basename(rel).split(".")[0]
            if not LEFT_OUT.search(dotted):
                yield dotted, built


def main():
    folder = os.path.join(os.environ["WORK"], "objects")
    os.makedirs(folder, exist_ok=True)
    for dotted, built in sorted(m for build in sys.argv[1:] for m in modules(build)):
        entry = b"PyInit_" + dotted.rpartition(".")[2].encode()
        with open(built, "rb") as f:
            obj = localised(f.read(), {entry: b"PyInit_" + dotted.replace(".", "_").encode()})
        with open(os.path.join(folder, dotted + ".o"), "wb") as f:
            f.write(obj)
        print(dotted)


main()
