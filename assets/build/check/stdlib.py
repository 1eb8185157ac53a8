"""A script for a cell: tries to import every module of the standard library, including omitted ones.

Returns a list of [name, error or ""], sorted by name. _arg1 may be a list of further names
(submodules, which a cell cannot list); without it only the interpreter's list of top-level names is
tried."""
import sys
import warnings

names = set(sys.stdlib_module_names)
try:
    names.update(_arg1)
except NameError:
    pass
# Modules that do something when imported: print, open a browser, or read the command line.
names -= {"__main__", "antigravity", "idlelib.__main__", "this"}


def attempt(name):
    try:
        __import__(name)
    except BaseException as e:
        return "%s: %s" % (type(e).__name__, e)
    return ""


with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    return [[name, attempt(name)] for name in sorted(names) if not name.endswith("__main__")]
