"""A deployed model. It is loaded once, in a memory that is captured then: each query runs in a copy, with nothing left of the queries before.
The behaviour is that of TabPy 2.16's POST /query."""

import gc
import json

import _tabcell

from tabcell_guest import archive, convert, describe, evaluate, fault, generators, source

VALUE = 0  # a kind of a reply, as in bridge.h
WARM_UPS = 3  # rounds after which the interpreter has nothing more to learn of the way of a query


def load():
    """Loads the model that the host holds and tells of it, or of what is wrong with it; returns the function that answers its queries, or None."""
    query, unseeded = None, generators.Unseeded()
    try:
        with unseeded.noticed():
            call, told = _loaded()
        for _ in range(WARM_UPS):
            _answer(lambda *args, **kwargs: [args, kwargs])
        _tabcell.reply(VALUE, told, convert.convert)
        query = _query(call, unseeded)
    except BaseException as e:
        evaluate.reply_fault(e, fault.of_script)
    evaluate.flush()
    gc.collect()
    gc.freeze()
    return query


def _loaded():
    """The callable, and what to tell of it."""
    head, _, code = _tabcell.input(2).partition(b"\n")
    head = json.loads(head)
    if head["kind"] == "pickle":
        found = archive.load(code)
        call, function = found.query, getattr(found, "custom_query", found.query)
    else:
        call = function = source.function(code, head["name"], head["function"])
    missing = describe.anticipate(function, head["requires"])
    return call, describe.describe(function) | {"missing": missing}


def _query(call, unseeded):
    def query():
        """Answers the query that the host holds."""
        try:
            if unseeded:
                unseeded.renew()
            _answer(call)
        except BaseException as e:
            evaluate.reply_fault(e, fault.of_query)
        evaluate.flush()

    return query


def _answer(call):
    arguments = _arguments()
    if isinstance(arguments, dict):
        value = call(**arguments)
    elif isinstance(arguments, list):
        value = call(*arguments)
    else:
        raise fault.BadArguments(f"Query parameter needs to be a dictionary or a list. Given value is of type {type(arguments)}")
    try:
        _tabcell.reply(VALUE, value, convert.convert_but_sets, True)
    except TypeError:
        raise TypeError(f"Result from object query is not json serializable: {value}") from None


def _arguments():
    try:
        return _checked(_body())
    except MemoryError:
        raise
    except Exception as e:
        raise fault.BadBody(e) from None


def _body():
    body = _tabcell.parsed(0)
    if body is not NotImplemented:
        return body
    text = _tabcell.input(0)
    if not text:
        raise AttributeError("'dict' object has no attribute 'decode'")  # TabPy's words
    return json.loads(text.decode("utf-8"))


def _checked(body):
    """The arguments in a body; one with a method calls with what it says, as in TabPy."""
    if not isinstance(body, dict):
        raise RuntimeError("Input data must be a dictionary")
    if "method" in body:
        return {"data": body.get("data"), "method": body["method"]}
    if "data" not in body:
        raise RuntimeError('Input data must be a dictionary with a key called "data"')
    return body["data"]
