"""An exception as the host hears of it: its kind, class, text, line of the script, and traceback. Exceptions may be hostile: their text
may raise, be endless, or their chain circular."""

import traceback

SCRIPT, NO_RESPONSE, TIMEOUT, QUERY_BODY, QUERY = 1, 5, 6, 7, 8  # kinds of a reply, as in bridge.h
MOST = 64 * 1024  # characters of a text that are told
FILE = "<string>"


class TimeLimitReached(BaseException):
    """Raised in the script by the host when its time is up. Not an Exception: `except Exception` must not swallow it."""


class BadBody(Exception):
    """A query's body that is no query; args[0] is the exception that says why."""


class BadArguments(Exception):
    """A query whose arguments are neither named nor in order; TabPy gives the text alone."""


def of_script(e):
    """The kind of the reply to a script that raised e, and the reply: {"class", "text", "line", "traceback"}."""
    told = _told(e)
    if isinstance(e, StopIteration):  # TabPy hands scripts to a Future, which turns this one into another
        told |= {"class": "RuntimeError", "text": "StopIteration interacts badly with generators and cannot be raised into a Future"}
    if isinstance(e, (TimeoutError, TimeLimitReached)):
        return TIMEOUT, told
    return NO_RESPONSE if (told["class"], told["text"]) == ("KeyError", "'response'") else SCRIPT, told


def of_query(e):
    """As of_script, for a query. A TimeoutError of the model's own is an error like any other."""
    if isinstance(e, BadBody):
        return QUERY_BODY, _told(e.args[0])
    told = _told(e)
    if isinstance(e, BadArguments):
        told["class"] = ""
    return TIMEOUT if isinstance(e, TimeLimitReached) else QUERY, told


def _told(e):
    told = {"class": _name(e), "text": _text(e), "line": _line(e), "traceback": ""}
    if isinstance(e, MemoryError):
        e.__traceback__ = None  # its frames hold what filled the memory, and telling of it takes some
    else:
        told["traceback"] = _traceback(e)
    return told


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
    """The script's or model's own frames and what they called; the bridge's before them are left out."""
    trace = e.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith("<frozen tabcell_guest"):
        trace = trace.tb_next
    try:
        text = "".join(traceback.format_exception(type(e), e, trace, limit=20, chain=False))
    except Exception as inner:
        text = f"<no traceback: {_name(inner)}>"
    return text[:MOST]
