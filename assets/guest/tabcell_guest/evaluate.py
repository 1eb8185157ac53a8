"""One call of POST /evaluate: the request's checks, the script, its result, its error. The behaviour is TabPy 2.16's."""

import json
import sys

import _tabcell

from tabcell_guest import convert, fault, script, tabpy

VALUE, EMPTY, DATA, NAMES = 0, 2, 3, 4  # kinds of a reply, as in bridge.h


class Refused(Exception):
    """A request that TabPy answers with a sentence of its own; args[0] is the kind of the reply."""


def prepare():
    """What can be done once, before the image is captured."""
    script.prepare()
    _tabcell.interrupt_with(fault.TimeLimitReached)


def evaluate():
    """Answers the request that the host holds. Whatever a script raises, SystemExit and KeyboardInterrupt included, ends only its call."""
    try:
        try:
            _tabcell.reply(VALUE, run(request()), convert.convert)
        except Refused as e:
            _tabcell.reply(e.args[0], None, convert.convert)
    except BaseException as e:
        reply_fault(e, fault.of_script)
    flush()


def reply_fault(e, describe):
    """Tells what went wrong, in the words of describe; the deadline may strike while doing so."""
    try:
        kind, told = describe(e)
        _tabcell.reply(kind, told, convert.convert)
    except BaseException as again:
        e.__traceback__ = again.__context__ = None
        kind, told = describe(again)
        _tabcell.reply(kind, told, convert.convert)


def request():
    """The body as objects; what the fast reader does not take is Python's json's, whose errors are TabPy's."""
    body = _tabcell.parsed(0)
    return json.loads(_tabcell.input(0).decode("utf-8")) if body is NotImplemented else body


def run(body):
    """Checks the request in TabPy's order, compiles and calls the script; returns its result."""
    if "script" not in body:  # plain membership, as TabPy: lists and texts are asked too
        raise Refused(EMPTY)
    text = body["script"]
    data = body.get("data") if isinstance(body, dict) else body["data"]
    arguments = check_arguments(data)
    function = script.function(text, sorted(arguments))
    return function(tabpy.TabPy(), **arguments)


def check_arguments(data):
    """The arguments by name; exactly _arg1 .. _argN."""
    if data is None:
        raise TypeError("concurrent.futures.thread.ThreadPoolExecutor.submit() argument after ** must be a mapping, not NoneType")
    if not isinstance(data, dict):
        raise Refused(DATA)
    if any("_arg%d" % i not in data for i in range(1, len(data) + 1)):
        raise Refused(NAMES)
    return data


def flush():
    """Printed text reaches the host. A script may have replaced or closed the streams."""
    for stream in (sys.__stdout__, sys.__stderr__):
        try:
            stream.flush()
        except BaseException:
            continue
