"""Runs one call of POST /evaluate, with the behaviour of TabPy 2.16: checks the request, runs the
script, and replies with its result or error."""

import json
import sys

import _tabcell

from tabcell_guest import abi, convert, environment, errors, script, table_read, table_write, tabpy


class Refused(Exception):
    """The request gets a fixed error message of TabPy's; args[0] is the kind of the reply."""


def prepare():
    """Does the work that is done once, before the image is captured."""
    script.prepare()
    _tabcell.interrupt_with(errors.TimeLimitReached)


def evaluate():
    """Runs the request in INPUT_BODY and replies. Any exception of the script, including SystemExit
    and KeyboardInterrupt, ends only its call."""
    try:
        try:
            environment.prepare()
            reply(*run(request()))
        except Refused as e:
            _tabcell.reply(e.args[0], None, convert.convert)
    except BaseException as e:
        reply_error(e, errors.describe_script_error)
    flush()


def reply(result, as_table):
    """Replies with the result of a script. A script that got a table returns one, or None."""
    if as_table and result is not None:
        _tabcell.begin(abi.REPLY_TABLE)
        table_write.write(result, _tabcell.write)
    else:
        _tabcell.reply(abi.REPLY_VALUE, result, convert.convert)


def reply_error(e, describe):
    """Replies with the description of an exception. The deadline may pass meanwhile and raise
    another one, which is then described instead."""
    try:
        kind, description = describe(e)
        _tabcell.reply(kind, description, convert.convert)
    except BaseException as second:
        e.__traceback__ = second.__context__ = None
        kind, description = describe(second)
        _tabcell.reply(kind, description, convert.convert)


def request():
    """Returns the parsed body. Text that json_read.c does not support is parsed by Python's json
    module, whose errors are TabPy's."""
    body = _tabcell.parsed(abi.INPUT_BODY)
    return json.loads(_tabcell.input(abi.INPUT_BODY).decode("utf-8")) if body is NotImplemented else body


def run(body):
    """Checks the request in TabPy's order, compiles and calls the script; returns its result, and
    whether the request had a table."""
    if "script" not in body:  # as in TabPy, a list or string is not refused before this test
        raise Refused(abi.REPLY_EMPTY)
    text = body["script"]
    stream = _tabcell.table()
    if stream is not None:
        function = script.make_function(text, ["_arg1"])
        return function(tabpy.TabPy(), table_read.read(stream)), True
    data = body.get("data") if isinstance(body, dict) else body["data"]
    arguments = check_arguments(data)
    function = script.make_function(text, sorted(arguments))
    return function(tabpy.TabPy(), **arguments), False


def check_arguments(data):
    """Returns the arguments by name, which must be exactly _arg1 .. _argN."""
    if data is None:
        raise TypeError("concurrent.futures.thread.ThreadPoolExecutor.submit() argument after ** must be a mapping, not NoneType")
    if not isinstance(data, dict):
        raise Refused(abi.REPLY_DATA)
    if any("_arg%d" % i not in data for i in range(1, len(data) + 1)):
        raise Refused(abi.REPLY_NAMES)
    return data


def flush():
    """Sends printed text to the host. The script may have closed the streams."""
    for stream in (sys.__stdout__, sys.__stderr__):
        try:
            stream.flush()
        except BaseException:
            continue
