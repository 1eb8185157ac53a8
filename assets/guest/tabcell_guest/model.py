"""Loads a deployed model and runs its queries, with the behaviour of TabPy 2.16's POST /query.

A model is loaded once, and the memory is captured afterwards. Each query runs in a copy of that
memory, without traces of other queries. In the same way, modules are imported once for scripts."""

import gc
import json
import sys

import _tabcell

from tabcell_guest import abi, archive, convert, describe, environment, errors, evaluate, generators, source

WARM_UPS = 3  # runs after which the interpreter no longer specialises the code of a query


def load():
    """Loads the model in INPUT_MODEL and replies with its description, or with the error. Returns
    the function that runs its queries, or None. If INPUT_MODEL has modules for scripts, imports them
    and returns the function that runs a script."""
    query, unseeded = None, generators.Unseeded()
    try:
        head, _, code = _tabcell.input(abi.INPUT_MODEL).partition(b"\n")
        head = json.loads(head)
        if head["kind"] == "imports":
            with unseeded.recording():
                _import(head["requires"])
            run, description = _script(unseeded), {}
        else:
            with unseeded.recording():
                call, description = _load(head, code)
            for _ in range(WARM_UPS):
                _respond(lambda *args, **kwargs: [args, kwargs])
            run = _query(call, unseeded)
        _tabcell.reply(abi.REPLY_VALUE, description, convert.convert)
        query = run
    except BaseException as e:
        evaluate.reply_error(e, errors.describe_script_error)
    evaluate.flush()
    gc.collect()
    gc.freeze()
    return query


def _load(head, code):
    """Returns the callable and its description."""
    if head["kind"] == "pickle":
        query_object = archive.load(code)
        call, function = query_object.query, getattr(query_object, "custom_query", query_object.query)
    else:
        call = function = source.load_function(code, head["name"], head["function"])
    describe.import_early(function, head["requires"])
    return call, describe.describe(function)


def _import(modules):
    """Imports the modules. Raises ImportError if that changes nothing."""
    before = len(sys.modules)
    for name in modules:
        __import__(name)
    if len(sys.modules) == before:
        raise ImportError("the modules were imported before")


def _script(unseeded):
    def run():
        """Runs the script in INPUT_BODY and replies."""
        if unseeded:
            unseeded.renew()
        evaluate.evaluate()

    return run


def _query(call, unseeded):
    def query():
        """Runs the query in INPUT_BODY and replies."""
        try:
            if unseeded:
                unseeded.renew()
            environment.prepare()
            _respond(call)
        except BaseException as e:
            evaluate.reply_error(e, errors.describe_query_error)
        evaluate.flush()

    return query


def _respond(call):
    arguments = _arguments()
    if isinstance(arguments, dict):
        value = call(**arguments)
    elif isinstance(arguments, list):
        value = call(*arguments)
    else:
        raise errors.BadArguments(f"Query parameter needs to be a dictionary or a list. Given value is of type {type(arguments)}")
    try:
        _tabcell.reply(abi.REPLY_VALUE, value, convert.convert_except_sets, True)
    except TypeError:
        raise TypeError(f"Result from object query is not json serializable: {value}") from None


def _arguments():
    try:
        return _check(_body())
    except MemoryError:
        raise
    except Exception as e:
        raise errors.BadBody(e) from None


def _body():
    body = _tabcell.parsed(abi.INPUT_BODY)
    if body is not NotImplemented:
        return body
    text = _tabcell.input(abi.INPUT_BODY)
    if not text:
        raise AttributeError("'dict' object has no attribute 'decode'")  # TabPy's message
    return json.loads(text.decode("utf-8"))


def _check(body):
    """Returns the arguments in a body. If it has a method, they are its data and method, as in
    TabPy."""
    if not isinstance(body, dict):
        raise RuntimeError("Input data must be a dictionary")
    if "method" in body:
        return {"data": body.get("data"), "method": body["method"]}
    if "data" not in body:
        raise RuntimeError('Input data must be a dictionary with a key called "data"')
    return body["data"]
