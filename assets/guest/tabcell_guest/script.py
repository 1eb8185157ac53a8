"""A script as a function. TabPy runs scripts in the globals of its request handler: the helper modules found there are here too."""

import linecache
import re
import sys
import types

import _tabcell

# TabPy's module of the handler: scripts see its name as __name__, which is not "__main__".
MODULE = "tabpy.tabpy_server.handlers.evaluation_plane_handler"
HELPERS = ("json", "logging", "uuid", "pandas")  # GAP: simplejson, requests, pyarrow and tornado's names are not in a cell

_module = types.ModuleType(MODULE)
_indented = re.compile(r"(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n?|\n))*[ \t]+[^ \t\f\r\n#]")


def prepare():
    """Fills the globals that scripts see."""
    sys.modules[MODULE] = _module
    for name in HELPERS:
        if name in sys.modules:
            setattr(_module, name, sys.modules[name])
    from datetime import timedelta

    _module.timedelta = timedelta


def function(text, names):
    """The script as a function of tabpy and the names. Strings and line numbers stay the script's own."""
    text.splitlines  # a script that is no text fails as in TabPy
    linecache.cache["<string>"] = (len(text), None, Lines(text), "<string>")
    code = _tabcell.code(len(names), text)  # the names are _arg1 .. _argN, so that their number says all
    exec(compiled(text, names) if code is None else code, _module.__dict__)
    return _module.__dict__.pop("_user_script")


def compile_alone():
    """Answers a request that is [number of arguments, script] with the script's code, which other cells will run."""
    count, text = _tabcell.parsed(0)
    _tabcell.reply_code(compiled(text, sorted("_arg%d" % i for i in range(1, count + 1))))


def compiled(text, names):
    """Code that defines the function."""
    shifted = _indented.match(text) is not None
    try:
        code = _tabcell.compile_script("if True:\n" + text if shifted else text, ["tabpy", *names], shifted)
    except SyntaxError as e:
        if shifted and e.lineno and e.lineno > 1:
            e.lineno -= 1
        if isinstance(e, TabError):  # TabPy shifts scripts by a space, so that there tabs and spaces meet as any wrong indentation
            raise IndentationError(*e.args) from None
        raise
    return _up_one_line(code) if shifted else code


class Lines:
    """The script's lines for tracebacks, split only when one is shown."""

    def __init__(self, text):
        self.text = text

    def __len__(self):
        return len(self.text.splitlines())

    def __getitem__(self, i):
        return self.text.splitlines(True)[i]


def _up_one_line(code):
    """The code without the line that was put above the script."""
    inner = [_up_one_line(c) if isinstance(c, types.CodeType) else c for c in code.co_consts]
    return code.replace(co_consts=tuple(inner), co_firstlineno=max(code.co_firstlineno - 1, 1))
