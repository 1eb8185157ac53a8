"""Describes the function of a model, and imports the modules that it needs."""

import dis
import inspect
import types

MAX_TEXT = 4096  # characters of a name, default or annotation


def describe(function):
    """Returns the name, docstring, signature and parameters. All are bounded, since a model may
    define anything."""
    description = {"function": _short(getattr(function, "__name__", type(function).__name__)), "docstring": _docstring(function), "signature": "",
                   "parameters": []}
    try:
        signature = inspect.signature(function)
        description["signature"] = _short(str(signature))
        description["parameters"] = [_parameter(p) for p in list(signature.parameters.values())[:256]]
    except Exception:  # a callable may have no signature, and a default may have a hostile repr()
        description["parameters"] = []
    return description


def _docstring(function):
    text = function.__doc__
    return _short(inspect.cleandoc(text), 16 * MAX_TEXT) if isinstance(text, str) else ""


def _parameter(p):
    description = {"name": _short(p.name), "kind": p.kind.description}
    if p.default is not p.empty:
        description["default"] = _short(repr(p.default))
    if p.annotation is not p.empty:
        description["annotation"] = _short(inspect.formatannotation(p.annotation))
    return description


def _short(text, limit=MAX_TEXT):
    return text if len(text) <= limit else text[:limit] + "..."


def import_early(function, required):
    """Imports the required modules and the ones that the function and its helpers import, so that
    no query has to.

    Errors are ignored, because a query may not need the module. Otherwise they occur again."""
    for name in dict.fromkeys([*required, *_imports(function)]):
        try:
            __import__(name)
        except Exception:
            continue


def _imports(function):
    seen, pending = set(), [function]
    while pending:
        o = pending.pop()
        if id(o) in seen:
            continue
        seen.add(id(o))
        if isinstance(o, types.CodeType):
            yield from (i.argval for i in dis.get_instructions(o) if i.opname == "IMPORT_NAME" and i.argval)
            pending += [c for c in o.co_consts if isinstance(c, types.CodeType)]
        elif isinstance(o, types.FunctionType):
            pending.append(o.__code__)
            pending += [f for n, f in o.__globals__.items() if n in o.__code__.co_names and isinstance(f, types.FunctionType)]
