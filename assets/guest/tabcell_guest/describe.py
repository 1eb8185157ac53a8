"""What a model's function says about itself; and what it will import."""

import dis
import inspect
import types

MOST = 4096  # characters of a text that is told


def describe(function):
    """Name, docstring, signature, and parameters; bounded, for a model may say anything."""
    told = {"function": _short(getattr(function, "__name__", type(function).__name__)), "docstring": _docstring(function), "signature": "", "parameters": []}
    try:
        signature = inspect.signature(function)
        told["signature"] = _short(str(signature))
        told["parameters"] = [_parameter(p) for p in list(signature.parameters.values())[:256]]
    except Exception:  # Python cannot tell of a callable without a signature, and a default may have a hostile repr()
        told["parameters"] = []
    return told


def _docstring(function):
    text = function.__doc__
    return _short(inspect.cleandoc(text), 16 * MOST) if isinstance(text, str) else ""


def _parameter(p):
    told = {"name": _short(p.name), "kind": p.kind.description}
    if p.default is not p.empty:
        told["default"] = _short(repr(p.default))
    if p.annotation is not p.empty:
        told["annotation"] = _short(inspect.formatannotation(p.annotation))
    return told


def _short(text, most=MOST):
    return text if len(text) <= most else text[:most] + "..."


def anticipate(function, required):
    """Imports the required modules and those that the function and its helpers will, so that no query has to; returns the names of those
    that are missing, which a query may or may not miss. What goes wrong otherwise goes wrong in the query."""
    missing = []
    for name in dict.fromkeys([*required, *_imports(function)]):
        try:
            __import__(name)
        except ModuleNotFoundError as e:
            missing.append(e.name or name)
        except Exception:
            continue
    return missing


def _imports(function):
    seen, waiting = set(), [function]
    while waiting:
        o = waiting.pop()
        if id(o) in seen:
            continue
        seen.add(id(o))
        if isinstance(o, types.CodeType):
            yield from (i.argval for i in dis.get_instructions(o) if i.opname == "IMPORT_NAME" and i.argval)
            waiting += [c for c in o.co_consts if isinstance(c, types.CodeType)]
        elif isinstance(o, types.FunctionType):
            waiting.append(o.__code__)
            waiting += [f for n, f in o.__globals__.items() if n in o.__code__.co_names and isinstance(f, types.FunctionType)]
