"""Python source as a model: a module, one of whose functions is called."""

import linecache
import sys
import types

from tabcell_guest import fault, script, tabpy

MODULE = "deployed_model"  # its __name__: "__main__" would run what is meant for the command line


def function(code, endpoint, name):
    """Runs the source, bytes, and returns the function of that name; without a name the one that is called like the endpoint, or the only one."""
    text = code.decode("utf-8-sig")
    linecache.cache[fault.FILE] = (len(text), None, script.Lines(text), fault.FILE)
    module = sys.modules[MODULE] = types.ModuleType(MODULE)
    module.tabpy = tabpy.TabPy()
    exec(compile(text, fault.FILE, "exec", dont_inherit=True), module.__dict__)
    return _chosen(module.__dict__, endpoint, name)


def _chosen(names, endpoint, name):
    own = [n for n, f in names.items() if not n.startswith("_") and isinstance(f, types.FunctionType) and f.__module__ == MODULE]
    if not name:
        name = own[0] if len(own) == 1 else endpoint
    if callable(names.get(name)):
        return names[name]
    raise LookupError(f"the source has no function {name!r}; it has: {', '.join(own) or 'none'}. Name the function that the endpoint shall call.")
