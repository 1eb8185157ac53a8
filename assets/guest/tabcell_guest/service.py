"""Services of the server for a running call, with the rights of the user who sent the call: the
query of an endpoint, and the operations of TabPy's client.

bridge.h describes the request."""

import json
from urllib.parse import unquote

import _tabcell

from tabcell_guest import abi, convert


def call(service, name="", body=b"", code=b""):
    """Returns the HTTP status and the response of a service. The status is -1 if the call may not
    use services."""
    status = _tabcell.ask(_request(service, name, body, code))
    return status, _tabcell.input(abi.INPUT_RESPONSE) if status >= 0 else b""


def _request(service, name, body, code=b""):
    return b"".join((json.dumps({"service": service, "name": name, "body": len(body)}).encode(), b"\n", body, code))


def query(name, arguments):
    """Returns the parsed response of POST /query/NAME."""
    name = _endpoint(name)
    if _tabcell.ask(_request(abi.SERVICE_QUERY, name, arguments_text(arguments))) < 0:
        return {"message": "UnknownURI", "info": f"Endpoint '{name}' does not exist"}
    response = _tabcell.parsed(abi.INPUT_RESPONSE)  # GAP: NaN and Infinity in it are accepted
    return json.loads(_tabcell.input(abi.INPUT_RESPONSE)) if response is NotImplemented else response


def arguments_text(arguments):
    """Returns the body of a query."""
    return json.dumps({"data": arguments}, default=_convert).encode()


def _endpoint(name):
    """Returns the endpoint that a URL with this name addresses. A name that cannot be an endpoint's
    addresses a page, which is not JSON."""
    name = unquote(unquote(str(name).partition("?")[0].partition("#")[0]))
    if not name or "/" in name:
        raise json.JSONDecodeError("Expecting value", "", 0)
    return name


def _convert(value):
    plain = convert.convert_except_sets(value)  # GAP: TabPy refuses numpy and pandas values here
    if plain is NotImplemented:
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
    return plain
