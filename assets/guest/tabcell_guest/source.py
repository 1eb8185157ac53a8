"""Loads a model from Python source: a module whose function responds to queries."""

import linecache
import sys
import types

from tabcell_guest import errors, files, script, tabpy

MODULE = "deployed_model"  # not "__main__", which would run code for the command line


def load_function(code, endpoint, name):
    """Runs the source (bytes) and returns the function with the given name. Without a name it
    returns the only function, or else the one with the name of the endpoint."""
    text = code.decode("utf-8-sig")
    linecache.cache[errors.FILE] = (len(text), None, script.Lines(text), errors.FILE)
    module = sys.modules[MODULE] = types.ModuleType(MODULE)
    module.tabpy = tabpy.TabPy()
    module.__file__ = f"{files.SCRATCH}/{MODULE}.py"
    exec(compile(text, errors.FILE, "exec", dont_inherit=True), module.__dict__)
    return _choose(module.__dict__, endpoint, name)


def _choose(names, endpoint, name):
    own = [n for n, f in names.items() if not n.startswith("_") and isinstance(f, types.FunctionType) and f.__module__ == MODULE]
    if not name:
        name = own[0] if len(own) == 1 else endpoint
    if callable(names.get(name)):
        return names[name]
    raise LookupError(f"the source has no function {name!r}; it has: {', '.join(own) or 'none'}. Name the function that the endpoint should call.")
