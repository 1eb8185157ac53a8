"""Turns a script into a function. TabPy runs scripts in the globals of its request handler, so the
helper modules found there are provided here too."""

import linecache
import re
import sys
import types

import _tabcell

from tabcell_guest import abi, files

# The module of TabPy's handler, which is the __name__ of scripts there.
MODULE = "tabpy.tabpy_server.handlers.evaluation_plane_handler"
# GAP: a cell has no simplejson, pyarrow or names of tornado, and requests must be imported
HELPERS = ("json", "logging", "uuid", "pandas")

_module = types.ModuleType(MODULE)
# Matches a script whose first line of code is indented.
_INDENTED = re.compile(r"(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n?|\n))*[ \t]+[^ \t\f\r\n#]")


def prepare():
    """Fills the globals of scripts."""
    sys.modules[MODULE] = _module
    _module.__file__ = files.SCRATCH + "/script.py"  # GAP: there is no such file; scripts use its folder
    for name in HELPERS:
        if name in sys.modules:
            setattr(_module, name, sys.modules[name])
    from datetime import timedelta

    _module.timedelta = timedelta


def make_function(text, names):
    """Returns the script as a function of tabpy and the names. Strings and line numbers are the
    script's."""
    text.splitlines  # a script that is not a string fails as in TabPy
    linecache.cache["<string>"] = (len(text), None, Lines(text), "<string>")
    code = _tabcell.code(len(names), text)  # the names are _arg1 .. _argN, so their number suffices
    exec(compile_script(text, names) if code is None else code, _module.__dict__)
    return _module.__dict__.pop("_user_script")


def compile_only():
    """Replies to the request [number of arguments, script] with the code of the script, for other
    cells."""
    count, text = _tabcell.parsed(abi.INPUT_BODY)
    _tabcell.reply_code(compile_script(text, sorted("_arg%d" % i for i in range(1, count + 1))))


def compile_script(text, names):
    """Returns code that defines the function _user_script."""
    indented = _INDENTED.match(text) is not None
    try:
        code = _tabcell.compile_script("if True:\n" + text if indented else text, ["tabpy", *names], indented)
    except SyntaxError as e:
        if indented and e.lineno and e.lineno > 1:
            e.lineno -= 1
        # TabPy puts a space before each line, which makes it an IndentationError
        if isinstance(e, TabError):
            raise IndentationError(*e.args) from None
        raise
    return _remove_first_line(code) if indented else code


class Lines:
    """The lines of the script for tracebacks; the text is split only when one is needed."""

    def __init__(self, text):
        self.text = text

    def __len__(self):
        return len(self.text.splitlines())

    def __getitem__(self, i):
        return self.text.splitlines(True)[i]


def _remove_first_line(code):
    """Returns the code with line numbers that do not count the line added above the script."""
    inner = [_remove_first_line(c) if isinstance(c, types.CodeType) else c for c in code.co_consts]
    return code.replace(co_consts=tuple(inner), co_firstlineno=max(code.co_firstlineno - 1, 1))
