"""collect.py BUILD_DIR...: turns every extension module that the packages install into an object for
the final link, in $WORK/objects, and prints the names of the modules. The libraries that packages
load with ctypes, lib_NAME.so, become objects too.

All symbols of a module become local except its entry point, which is renamed after the full module
name: PyInit_package_module. Otherwise hundreds of names that several packages use would clash, as
would C++ templates of different versions with the same name. The entry point of a library is the
table tabcell_library (guest/foreign.h), which becomes tabcell_foreign_NAME.

The symbol table is WASM_SYMBOL_TABLE in the "linking" section, as defined by the tool conventions
for wasm object files."""
import json
import os
import re
import subprocess
import sys

# Modules that only numpy's own tests use, a copy of lapack that no module imports, and code for the
# instruction sets of other machines.
OMITTED = re.compile(r"(^|\.)(tests|_?test_.*|_tests?|_(multiarray|operand_flag|rational|struct_ufunc|umath)_tests|_simd)($|\.)|^numpy\.linalg\.lapack_lite$")
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


def rewrite_symbol(r, rename):
    """Returns the next entry of the symbol table, made local, or global under its new name."""
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


def rewrite_linking(body, rename):
    """Returns the linking section with its symbols rewritten and without COMDAT groups, which the
    linker would merge by name across modules."""
    r = Reader(body)
    out = leb(r.leb())
    while r.more():
        kind, sub = r.byte(), r.bytes(r.leb())
        if kind == COMDAT_INFO:
            continue
        if kind == SYMBOL_TABLE:
            s = Reader(sub)
            n = s.leb()
            sub = leb(n) + b"".join(rewrite_symbol(s, rename) for _ in range(n))
        out += bytes([kind]) + sized(sub)
    return out


def localise(obj, rename):
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
                body = sized(name) + rewrite_linking(body[b.at:], rename)
        out += bytes([section]) + sized(body)
    return out


def installed_files(build):
    """Returns the path of each built file and the one where meson would install it. Steps without
    meson write the same list as installed.json."""
    try:
        with open(os.path.join(build, "installed.json")) as f:
            return json.load(f)
    except FileNotFoundError:
        return json.loads(subprocess.check_output(["meson", "introspect", "--installed", build]))


def modules(build):
    """Yields the dotted name and file of each extension module of a package."""
    for built, place in installed_files(build).items():
        if built.endswith(".so"):
            rel = re.split(r"(?:site|dist)-packages/", place)[-1]
            dotted = os.path.dirname(rel).replace("/", ".") + "." + os.path.basename(rel).split(".")[0]
            if not OMITTED.search(dotted):
                yield dotted, built


def main():
    folder = os.path.join(os.environ["WORK"], "objects")
    os.makedirs(folder, exist_ok=True)
    for dotted, built in sorted(m for build in sys.argv[1:] for m in modules(build)):
        name = dotted.rpartition(".")[2].encode()
        rename = {b"PyInit_" + name: b"PyInit_" + dotted.replace(".", "_").encode()}
        if name.startswith(b"lib_"):
            rename = {b"tabcell_library": b"tabcell_foreign_" + name.removeprefix(b"lib_")}
        with open(built, "rb") as f:
            obj = localise(f.read(), rename)
        with open(os.path.join(folder, dotted + ".o"), "wb") as f:
            f.write(obj)
        print(dotted)


main()
