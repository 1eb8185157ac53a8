"""resources.py OUT.tar ROOT...: the read-only library of a guest as one tar archive that any program can read.

Entries: m/DOTTED.NAME holds b"P" (package) or b"M" (module) and the marshalled code; f/lib/PATH is a data file of a package. The host serves
them as resources m:DOTTED.NAME and f:/lib/PATH. Of equal names the last root's wins. Roots: a folder that holds modules and packages.
The archive has the same bytes for the same files: sorted, dated 0, owned by nobody."""
import importlib.util
import io
import marshal
import os
import sys
import tarfile

ENV = os.environ
# Parts of packages that only their own builds and tests need.
FOLDERS = {"__pycache__", "tests", "include", "lapack_lite", "_examples", "_pyinstaller", "site-packages"}
# What is not data for a running program (scikit-learn's data sets are: their descriptions, in descr, are .rst).
SUFFIXES = (".a", ".build", ".c", ".h", ".md", ".pxd", ".pxi", ".py.in", ".pyi", ".pyx", ".rst", ".so", ".tp", ".typed")


def guest_table():
    """The guest's own table of modules that it lacks."""
    spec = importlib.util.spec_from_file_location("left_out", ENV["ASSETS"] + "/guest/tabcell_guest/left_out.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.left_out


def files(root):
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in FOLDERS and not f.endswith(".dist-info"))
        for name in sorted(names):
            yield os.path.relpath(os.path.join(folder, name), root)


def dotted_name(path):
    return (os.path.dirname(path) if is_package(path) else path[:-len(".py")]).replace("/", ".")


def is_package(path):
    return os.path.basename(path) == "__init__.py"


def compiled(path, source):
    """The resource of a module whose source is at path below /lib."""
    code = compile(source, "/lib/" + path, "exec", dont_inherit=True, optimize=0)
    return (b"P" if is_package(path) else b"M") + marshal.dumps(code)


def replaced(found, package):
    """What earlier roots have of a package that a later root brings is gone as a whole: a stand-in has the parts that it has."""
    parts = ("m/" + package.replace("/", ".") + ".", f"f/lib/{package}/")
    for name in [n for n in found if n.startswith(parts)]:
        del found[name]


def entries(roots, left_out):
    found = {}
    for root in roots:
        paths = list(files(root))
        for path in filter(is_package, paths):
            replaced(found, os.path.dirname(path))
        for path in paths:
            with open(os.path.join(root, path), "rb") as f:
                data = f.read()
            if path.endswith(".py"):
                if not left_out(dotted_name(path)):
                    found["m/" + dotted_name(path)] = compiled(path, data)
            elif (not path.endswith(SUFFIXES) or "/descr/" in path) and root != ENV["PYSRC"] + "/Lib":
                found["f/lib/" + path] = data
    return found


def with_parents(found):
    """Folders without __init__.py (namespace packages) become packages of nothing: there are no folders in a cell."""
    for name in [n for n in found if n.startswith("m/")]:
        while "." in name:
            name = name.rpartition(".")[0]
            if name not in found:
                found[name] = compiled(name[2:].replace(".", "/") + "/__init__.py", b"")
    return found


def archive(out, found):
    with tarfile.open(out, "w", format=tarfile.GNU_FORMAT) as tar:
        for name in sorted(found):
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(found[name]), 0o444
            tar.addfile(info, io.BytesIO(found[name]))
    modules = sum(n.startswith("m/") for n in found)
    print(modules, "modules,", len(found) - modules, "data files,", sum(map(len, found.values())), "bytes")


archive(sys.argv[1], with_parents(entries(sys.argv[2:], guest_table())))
