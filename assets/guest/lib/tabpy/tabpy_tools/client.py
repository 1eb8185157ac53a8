"""TabPy's client inside a cell: `Client(url).deploy("name", function)` publishes on the server that runs the cell, whatever the URL says, with
the rights of whoever sent the script. There is no network, so credentials are taken and not used."""

import json
import re
import sys

from tabcell_guest import script, service, source
from tabpy.tabpy_tools.custom_query_object import CustomQueryObject
from tabpy.tabpy_tools.rest import answered, request
from tabpy.tabpy_tools.rest_client import Endpoint

_URL = re.compile(r"^http(s)?://[\w.-]+(/)?(:\d+)?(/)?$")
_NAME = re.compile(r"^[\w -]+$")


def _check_text(name):
    if not isinstance(name, str):
        raise TypeError("Endpoint name must be a string")
    if name == "":
        raise ValueError("Endpoint name cannot be empty")


def _check_url(url):
    _check_text(url)
    if not _URL.match(url):
        raise ValueError(
            f"endpoint name {url} should be in http(s)://<hostname>[:<port>] and hostname may consist only of: a-z, A-Z, 0-9, underscore and hyphens."
        )


def _check_name(name):
    _check_text(name)
    if not _NAME.match(name):
        raise ValueError(f"endpoint name {name} can only contain: a-z, A-Z, 0-9, underscore, hyphens and spaces.")


class Client:
    """The server as TabPy's client shows it."""

    def __init__(self, endpoint, query_timeout=1000, remote_server=False, localhost_endpoint=None):
        _check_url(endpoint)
        self._endpoint = endpoint
        self.query_timeout = query_timeout

    def __repr__(self):
        return f"<{type(self).__name__} object at {id(self):#x} connected to {self._endpoint!r}>"

    def set_credentials(self, username, password):
        """Nothing to do: the rights are those of whoever sent the script."""

    def get_status(self):
        """{name: {"version", "type", "status", "last_error"}}."""
        return answered("status")

    def get_endpoints(self, type=None):
        """{name: Endpoint}; the type is not looked at, as in TabPy."""
        return {name: Endpoint.from_answer(name, info) for name, info in answered("list").items()}

    def query(self, name, *args, **kwargs):
        """{"response", "version", "model", "uuid"}."""
        if args and kwargs:
            raise ValueError("Mixing of keyword arguments and positional arguments when querying an endpoint is not supported.")
        return answered("query", name, service.arguments_text(args or kwargs))

    def deploy(self, name, obj, description="", schema=None, override=False, is_public=False):
        """Publishes a function; with override as the next version of an endpoint that exists."""
        known = self.get_endpoints().get(name)
        if known and not override:
            raise RuntimeError(
                f'An endpoint with that name ({name}) already exists. Use "override = True" to force update an existing endpoint.'
            )
        _check_name(name)
        if description is None:
            description = obj.__doc__.strip() if isinstance(obj.__doc__, str) else ""
        found = CustomQueryObject(obj, description)
        told = {"name": name, "type": "model", "description": str(description), "docstring": found.get_docstring(), "methods": found.get_methods(),
                "dependencies": [], "is_public": bool(is_public), "override": bool(override), "kind": "pickle"}
        if schema is not None:
            told["schema"] = str(schema)  # as text: so TabPy's client sends it
        answered("deploy", name, json.dumps(told).encode(), _archive(found))
        _check_loaded(name)

    def remove(self, name):
        """Removes an endpoint."""
        status, text = request("remove", name)
        if 400 <= status <= 499:
            raise RuntimeError(text)
        if status not in (200, 201, 204):
            raise RuntimeError(f"Error with server response code: {status}")

    def update_endpoint_info(self, name, description=None, schema=None, is_public=None):
        """Changes what is told of an endpoint; its version stays."""
        endpoint = self.get_endpoints().get(name)
        if not endpoint:
            raise RuntimeError(f"No endpoint with that name ({name}) exists Please select an existing endpoint to update")
        for key, value, kind, said in (("description", description, str, "string"), ("schema", schema, dict, "dictionary"), ("is_public", is_public, bool, "bool")):
            if value is None:
                continue
            if type(value) is not kind:
                raise RuntimeError(f"Type of {key} must be {said}")
            endpoint[key] = str(value) if kind is dict else value
        answered("update", name, json.dumps(endpoint.to_request() | {"should_update_version": False}).encode())


def _archive(found):
    """The pickle. Functions of scripts and of deployed source go into it whole, for where it is loaded their modules are others."""
    import cloudpickle

    for module in (script.MODULE, source.MODULE):
        if module in sys.modules:
            cloudpickle.register_pickle_by_value(sys.modules[module])
    return cloudpickle.dumps(found)


def _check_loaded(name):
    """The server has tried to load it by now."""
    status = answered("status").get(name, {})
    if status.get("status") == "LoadFailed":
        raise RuntimeError(f"LoadFailed: {status['last_error']}")
