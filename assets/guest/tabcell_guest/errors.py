"""Describes exceptions to the host: kind of reply, class, text, line of the script, and traceback.

Exceptions may be hostile: their str() may raise or return an enormous string, and their chain may
be circular."""

import traceback

from tabcell_guest import abi, omitted

MAX_TEXT = 64 * 1024  # characters of a text or traceback
MAX_CAUSES = 20
FILE = "<string>"
DENIED = "no grant of this server allows "  # the text of the host for what no grant allows


class TimeLimitReached(BaseException):
    """Raised in the script by the host when the time limit is reached.

    It is not an Exception, so that `except Exception` does not catch it."""


class BadBody(Exception):
    """The body of a query is invalid; args[0] is the exception with the reason."""


class BadArguments(Exception):
    """The arguments of a query are neither named nor positional; TabPy responds with the text
    only."""


def describe_script_error(e):
    """Returns the kind of the reply to a script that raised e, and the reply: {"class", "text",
    "line", "traceback"}."""
    description = _describe(e)
    # TabPy runs scripts in a Future, which raises this error instead
    if isinstance(e, StopIteration):
        description |= {"class": "RuntimeError", "text": "StopIteration interacts badly with generators and cannot be raised into a Future"}
    if isinstance(e, (TimeoutError, TimeLimitReached)):
        return abi.REPLY_TIMEOUT, description
    no_response = (description["class"], description["text"]) == ("KeyError", "'response'")
    return abi.REPLY_NO_RESPONSE if no_response else abi.REPLY_SCRIPT, description


def describe_query_error(e):
    """Does the same for a query. A TimeoutError that the model raises is an error like any
    other."""
    if isinstance(e, BadBody):
        return abi.REPLY_QUERY_BODY, _describe(e.args[0])
    description = _describe(e)
    if isinstance(e, BadArguments):
        description["class"] = ""
    return abi.REPLY_TIMEOUT if isinstance(e, TimeLimitReached) else abi.REPLY_QUERY, description


def _describe(e):
    description = {"class": _name(e), "text": _text(e), "line": _line(e), "traceback": ""}
    if isinstance(e, MemoryError):
        e.__traceback__ = None  # frees the objects of its frames; the reply needs memory too
    else:
        description["traceback"] = _traceback(e)
    return description


_class_name = type.__dict__["__name__"].__get__  # a metaclass may define its own __name__


def _name(e):
    return _class_name(type(e))


def _text(e):
    try:
        text = str(e) + _reason(e)
        text += _denial(e, text)
    except Exception as inner:  # GAP: TabPy responds with an HTML page here
        text = f"<str() of the exception failed with {_name(inner)}>"
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + f"... ({len(text)} characters)"


def _reason(e):
    """Returns why a module of Python is missing, or "". Only errors that end a script say so; other
    scripts see Python's own text."""
    name = e.name if isinstance(e, ModuleNotFoundError) else None
    if type(name) is not str or name not in omitted.REASONS or e.args != (f"No module named {name!r}",):
        return ""
    return ": " + omitted.REASONS[name]


def _denial(e, text):
    """Returns what no grant allowed, if the exception came from that and does not say so. A driver of a
    database raises its own exception with the reason as its cause. A refusal of a connection has its
    text as the only argument."""
    for _ in range(MAX_CAUSES):
        e = e.__cause__ or e.__context__
        if e is None:
            return ""
        if type(e) is PermissionError and (len(e.args) == 1 or DENIED in str(e)):
            return "" if str(e) in text else f" ({e})"
    return ""


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
    """Formats the traceback from the first frame of the script or model; the bridge's frames before
    it are omitted."""
    trace = e.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith("<frozen tabcell_guest"):
        trace = trace.tb_next
    try:
        text = "".join(traceback.format_exception(type(e), e, trace, limit=20, chain=False))
    except Exception as inner:
        text = f"<no traceback: {_name(inner)}>"
    return text[:MAX_TEXT]
