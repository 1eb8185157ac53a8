"""An exception as the host hears of it: its kind, class, text, line of the script, and traceback. Exceptions may be hostile: their text
may raise, be endless, or their chain circular."""

import traceback

SCRIPT, NO_RESPONSE, TIMEOUT = 1, 5, 6  # kinds of a reply, as in bridge.h
MOST = 64 * 1024  # characters of a text that are told
FILE = "<string>"


class TimeLimitReached(BaseException):
    """Raised in the script by the host when its time is up. Not an Exception: `except Exception` must not swallow it."""


def describe(e):
    """(kind, {"class", "text", "line", "traceback"})."""
    name, text = _name(e), _text(e)
    if isinstance(e, StopIteration):  # TabPy hands scripts to a Future, which turns this one into another
        name, text = "RuntimeError", "StopIteration interacts badly with generators and cannot be raised into a Future"
    told = {"class": name, "text": text, "line": _line(e), "traceback": ""}
    if isinstance(e, MemoryError):
        e.__traceback__ = None  # its frames hold what filled the memory, and telling of it takes some
    else:
        told["traceback"] = _traceback(e)
    return _kind(e, name, text), told


def _kind(e, name, text):
    if isinstance(e, (TimeoutError, TimeLimitReached)):
        return TIMEOUT
    return NO_RESPONSE if (name, text) == ("KeyError", "'response'") else SCRIPT


_class_name = type.__dict__["__name__"].__get__  # a metaclass may have a __name__ of its own


def _name(e):
    return _class_name(type(e))


def _text(e):
    try:
        text = str(e)
    except Exception as inner:  # GAP: TabPy answers with an HTML page here
        text = f"<str() of the exception failed with {_name(inner)}>"
    return text if len(text) <= MOST else text[:MOST] + f"... ({len(text)} characters)"


def _line(e):
    if isinstance(e, SyntaxError) and e.filename == FILE and isinstance(e.lineno, int):
        return e.lineno
    line, trace = 0, e.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _traceback(e):
    """The script's own frames and what they called; the bridge's are left out."""
    trace = e.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != FILE:
        trace = trace.tb_next
    try:
        text = "".join(traceback.format_exception(type(e), e, trace, limit=20, chain=False))
    except Exception as inner:
        text = f"<no traceback: {_name(inner)}>"
    return text[:MOST]
