"""Loads the archives that TabPy's client stores: a cloudpickle of a CustomQueryObject.

The functions in an archive are compiled code, which only the version of Python that compiled it can
run. Another version would fail somewhere in the middle of it, so the code is checked first."""

import io
import pickle
import platform
import types

from tabcell_guest import arrow

ADVICE = ("Deploy the function's source text instead, which works from any version (tabcell endpoint deploy FILE.py, or remote_server=True in"
          " TabPy's client), or deploy it again from Python {current}.")


class MadeElsewhere(Exception):
    """The archive was made by another version of Python. The text names it and says what to do."""

    def __init__(self, maker):
        current = platform.python_version()
        advice = ADVICE.format(current=current.rpartition(".")[0])
        super().__init__(f"this archive was made by {maker}, and Python {current} runs here: compiled functions work only in the version that made"
                         f" them. {advice}")


def load(data):
    """Returns the object in an archive, which has a query method."""
    import cloudpickle  # noqa: F401: it must be loaded to pickle again what it has unpickled

    query_object = _Unpickler(io.BytesIO(data)).load()
    if not callable(getattr(query_object, "query", None)):
        raise TypeError(f"the archive holds an object of type {type(query_object).__name__}, which has no query method")
    return query_object


class _Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        if module.startswith("cloudpickle.") and name == "_builtin_type":
            return _builtin_type
        if (module, name) == ("types", "CodeType"):
            return _code
        if module == arrow.MODULE:
            return arrow.find(name)
        try:
            return super().find_class(module, name)
        except AttributeError:
            if not module.startswith("cloudpickle"):
                raise
            raise MadeElsewhere(f"an older cloudpickle (it needs {module}.{name}), which indicates an older Python") from None


def _builtin_type(name):
    return _code if name == "CodeType" else getattr(types, name)


def _code(*fields):
    """Replaces types.CodeType and refuses the fields of other versions of Python."""
    maker = _maker(fields)
    if maker:
        raise MadeElsewhere(maker)
    return types.CodeType(*fields)


def _maker(fields):
    """Returns the version of Python that made a code object, or None if it is this one, 3.13.

    The number of fields depends on the version. Since 3.10 the line table covers the code to its
    end. Since 3.11 functions begin with the instruction RESUME, whose number depends on the
    version."""
    if len(fields) < 16:
        return "Python 3.7 or an older one"
    if len(fields) < 18:
        return "Python 3.10" if sum(fields[13][::2]) == len(fields[6]) else "Python 3.8 or 3.9"
    instructions = frozenset(fields[6][::2])
    if 151 in instructions:
        if 166 in instructions:  # PRECALL, before each CALL
            return "Python 3.11"
        # 121 and 171 are RETURN_CONST and CALL.
        return "Python 3.12" if instructions & {121, 171} else "Python 3.11 or 3.12"
    if 149 in instructions:
        return None
    return "Python 3.14" if 128 in instructions else "another version of Python"
