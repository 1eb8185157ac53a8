"""What TabPy's client stores: a cloudpickle of a CustomQueryObject. The functions in it are compiled code, which only the version of Python
that made it can run: another one would break down in the middle of it, so that code is looked at before it is used."""

import io
import pickle
import platform
import types

ADVICE = ("Deploy the function's source text instead, which works from any version (tabcell endpoint deploy FILE.py, or remote_server=True in"
          " TabPy's client), or deploy it again from Python {ours}.")


class MadeElsewhere(Exception):
    """An archive of another Python; the text says which, and what to do."""

    def __init__(self, maker):
        ours = platform.python_version()
        advice = ADVICE.format(ours=ours.rpartition(".")[0])
        super().__init__(f"this archive was made by {maker}, and Python {ours} runs here: compiled functions work only where they were made. {advice}")


def load(data):
    """The object in an archive; something with a query method."""
    import cloudpickle  # noqa: F401: not only found by name: it takes part in copying what it loads

    found = _Unpickler(io.BytesIO(data)).load()
    if not callable(getattr(found, "query", None)):
        raise TypeError(f"the archive holds an object of type {type(found).__name__}, which has no query method")
    return found


class _Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        if module.startswith("cloudpickle.") and name == "_builtin_type":
            return _builtin_type
        if (module, name) == ("types", "CodeType"):
            return _code
        try:
            return super().find_class(module, name)
        except AttributeError:
            if not module.startswith("cloudpickle"):
                raise
            raise MadeElsewhere(f"an older cloudpickle (it asks for {module}.{name}), which is the mark of an older Python") from None


def _builtin_type(name):
    return _code if name == "CodeType" else getattr(types, name)


def _code(*fields):
    """types.CodeType for fields that this Python made."""
    maker = _maker(fields)
    if maker:
        raise MadeElsewhere(maker)
    return types.CodeType(*fields)


def _maker(fields):
    """Which other Python made a code object; None for this one, 3.13. Fields are counted, tables of lines reach the end of the code since 3.10,
    and since 3.11 functions begin with the instruction RESUME, whose number changes."""
    if len(fields) < 16:
        return "Python 3.7 or an older one"
    if len(fields) < 18:
        return "Python 3.10" if sum(fields[13][::2]) == len(fields[6]) else "Python 3.8 or 3.9"
    instructions = frozenset(fields[6][::2])
    if 151 in instructions:
        if 166 in instructions:  # PRECALL, before each CALL
            return "Python 3.11"
        return "Python 3.12" if instructions & {121, 171} else "Python 3.11 or 3.12"  # RETURN_CONST, CALL
    if 149 in instructions:
        return None
    return "Python 3.14" if 128 in instructions else "another version of Python"
