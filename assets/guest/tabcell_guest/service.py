"""What a running call may ask of the server, with the rights of whoever sent the call: to query an endpoint, and what TabPy's client does.

One host call carries all of it: a line of JSON {"service", "name", "body": bytes of the body}, the body, and an archive where there is one."""

import json
from urllib.parse import unquote

import _tabcell

from tabcell_guest import convert


def ask(service, name="", body=b"", code=b""):
    """(status, answer): as the HTTP route of the service answers; status is -1 where the call may ask for nothing."""
    status = _tabcell.ask(_request(service, name, body, code))
    return status, _tabcell.input(3) if status >= 0 else b""


def _request(service, name, body, code=b""):
    return b"".join((json.dumps({"service": service, "name": name, "body": len(body)}).encode(), b"\n", body, code))


def query(name, arguments):
    """What POST /query/NAME answers, parsed."""
    name = _endpoint(name)
    if _tabcell.ask(_request("query", name, arguments_text(arguments))) < 0:
        return {"message": "UnknownURI", "info": f"Endpoint '{name}' does not exist"}
    answer = _tabcell.parsed(3)  # GAP: NaN and Infinity in it are taken for what they are
    return json.loads(_tabcell.input(3)) if answer is NotImplemented else answer


def arguments_text(arguments):
    """The body of a query."""
    return json.dumps({"data": arguments}, default=_stand_in).encode()


def _endpoint(name):
    """The endpoint that a URL with this name in it leads to; names of no endpoint lead to pages, which are not JSON."""
    name = unquote(unquote(str(name).partition("?")[0].partition("#")[0]))
    if not name or "/" in name:
        raise json.JSONDecodeError("Expecting value", "", 0)
    return name


def _stand_in(value):
    plain = convert.convert_but_sets(value)  # GAP: TabPy refuses numpy and pandas values here
    if plain is NotImplemented:
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
    return plain
