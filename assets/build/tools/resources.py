"""resources.py OUT ROOT...: writes the read-only library of a guest as a tar archive. If OUT does not
end in .tar, it is a folder that receives an archive for each root, and dist-info.tar with the
.dist-info folders of all, which importlib.metadata reads together.

The entry m/DOTTED.NAME holds b"P" (package) or b"M" (module) and the marshalled code; f/lib/PATH is
a data file of a package. The host serves them as the resources m:DOTTED.NAME and f:/lib/PATH. A
root is a folder of modules and packages; later roots take precedence. The same files always produce
the same bytes: the entries are sorted, have the date 0, and have no owner."""
import importlib.util
import io
import marshal
import os
import sys
import tarfile

ENV = os.environ
# Folders that only the builds and tests of the packages need.
FOLDERS = {"__pycache__", "tests", "include", "lapack_lite", "_examples", "_pyinstaller", "site-packages"}
# Suffixes of files that no program reads at run time, except the descriptions of scikit-learn's
# data sets, which are .rst files in descr.
SUFFIXES = (".a", ".build", ".c", ".h", ".md", ".pxd", ".pxi", ".py.in", ".pyi", ".pyx", ".rst", ".so", ".tp", ".typed")

# The files of a .dist-info folder that are useful without an installer.
METADATA = {"METADATA", "entry_points.txt", "top_level.txt"}


def load_omitted():
    """Returns the guest's function that reports whether a module is omitted."""
    spec = importlib.util.spec_from_file_location("omitted", ENV["ASSETS"] + "/guest/tabcell_guest/omitted.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.is_omitted


def files(root):
    for folder, folders, names in os.walk(root):
        is_info = folder.endswith(".dist-info")
        folders[:] = sorted(f for f in folders if f not in FOLDERS and not is_info)
        for name in sorted(METADATA.intersection(names) if is_info else names):
            yield os.path.relpath(os.path.join(folder, name), root)


def dotted_name(path):
    return (os.path.dirname(path) if is_package(path) else path[:-len(".py")]).replace("/", ".")


def is_package(path):
    return os.path.basename(path) == "__init__.py"


def compile_resource(path, source):
    """Returns the resource of a module whose source is at path below /lib."""
    code = compile(source, "/lib/" + path, "exec", dont_inherit=True, optimize=0)
    return (b"P" if is_package(path) else b"M") + marshal.dumps(code)


def drop_package(found, package):
    """Drops the entries of a package, because a later root replaces it as a whole, with all its
    parts."""
    parts = ("m/" + package.replace("/", ".") + ".", f"f/lib/{package}/")
    for name in [n for n in found if n.startswith(parts)]:
        del found[name]


def entries(roots, is_omitted):
    found = {}
    for root in roots:
        paths = list(files(root))
        for path in filter(is_package, paths):
            drop_package(found, os.path.dirname(path))
        for path in paths:
            with open(os.path.join(root, path), "rb") as f:
                data = f.read()
            if path.endswith(".py"):
                if not is_omitted(dotted_name(path)):
                    found["m/" + dotted_name(path)] = compile_resource(path, data)
            elif (not path.endswith(SUFFIXES) or "/descr/" in path) and root != ENV["PYSRC"] + "/Lib":
                found["f/lib/" + path] = data
    return found


def with_parents(found):
    """Adds an empty package for each folder without __init__.py (namespace packages), since the
    guest's importer looks for modules only by their names."""
    for name in [n for n in found if n.startswith("m/")]:
        while "." in name:
            name = name.rpartition(".")[0]
            if name not in found:
                found[name] = compile_resource(name[2:].replace(".", "/") + "/__init__.py", b"")
    return found


def archive(out, found):
    print(os.path.basename(out), end=": ")
    with tarfile.open(out, "w", format=tarfile.GNU_FORMAT) as tar:
        for name in sorted(found):
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(found[name]), 0o444
            tar.addfile(info, io.BytesIO(found[name]))
    modules = sum(n.startswith("m/") for n in found)
    print(modules, "modules,", len(found) - modules, "data files,", sum(map(len, found.values())), "bytes")


def separate_archives(folder, roots):
    os.mkdir(folder)
    is_omitted, dist_info = load_omitted(), {}
    for root in roots:
        found = entries([root], is_omitted)
        dist_info.update({name: found.pop(name) for name in list(found) if ".dist-info/" in name})
        archive(f"{folder}/{os.path.basename(root)}.tar", with_parents(found))
    archive(folder + "/dist-info.tar", dist_info)


def main(out, *roots):
    if out.endswith(".tar"):
        archive(out, with_parents(entries(roots, load_omitted())))
    else:
        separate_archives(out, roots)


main(*sys.argv[1:])
