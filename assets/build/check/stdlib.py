"""A script for a cell: tries to import every module of the standard library, the left-out ones included.

Returns a list of [name, "" or what the import raised], sorted by name. _arg1 may be a list of further names (submodules: a cell cannot list
its library); without it only the top-level names that the interpreter knows are tried."""
import sys
import warnings

names = set(sys.stdlib_module_names)
try:
    names.update(_arg1)
except NameError:
    pass
# Modules whose import is a program: they would print, open a browser, or read the command line.
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
