"""TabPy's client inside a cell.

`Client(url).deploy("name", function)` publishes on the server that runs the cell, regardless of the
URL, with the rights of the user who sent the script. A cell has no network, so credentials are
accepted but not used."""

import json
import re
import sys

from tabcell_guest import abi, script, service, source
from tabpy.tabpy_tools.custom_query_object import CustomQueryObject
from tabpy.tabpy_tools.rest import fetch, request
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
    """The interface of TabPy's client to the server."""

    def __init__(self, endpoint, query_timeout=1000, remote_server=False, localhost_endpoint=None):
        _check_url(endpoint)
        self._endpoint = endpoint
        self.query_timeout = query_timeout

    def __repr__(self):
        return f"<{type(self).__name__} object at {id(self):#x} connected to {self._endpoint!r}>"

    def set_credentials(self, username, password):
        """Does nothing, because the rights are those of the user who sent the script."""

    def get_status(self):
        """Returns {name: {"version", "type", "status", "last_error"}}."""
        return fetch(abi.SERVICE_STATUS)

    def get_endpoints(self, type=None):
        """Returns {name: Endpoint}. The type is ignored, as in TabPy."""
        return {name: Endpoint.from_response(name, info) for name, info in fetch(abi.SERVICE_LIST).items()}

    def query(self, name, *args, **kwargs):
        """Returns {"response", "version", "model", "uuid"}."""
        if args and kwargs:
            raise ValueError("Mixing of keyword arguments and positional arguments when querying an endpoint is not supported.")
        return fetch(abi.SERVICE_QUERY, name, service.arguments_text(args or kwargs))

    def deploy(self, name, obj, description="", schema=None, override=False, is_public=False):
        """Publishes a function. With override it becomes the next version of an existing
        endpoint."""
        existing = self.get_endpoints().get(name)
        if existing and not override:
            raise RuntimeError(
                f'An endpoint with that name ({name}) already exists. Use "override = True" to force update an existing endpoint.'
            )
        _check_name(name)
        if description is None:
            description = obj.__doc__.strip() if isinstance(obj.__doc__, str) else ""
        query_object = CustomQueryObject(obj, description)
        endpoint = {"name": name, "type": "model", "description": str(description), "docstring": query_object.get_docstring(),
                    "methods": query_object.get_methods(), "dependencies": [], "is_public": bool(is_public), "override": bool(override),
                    "kind": "pickle"}
        if schema is not None:
            endpoint["schema"] = str(schema)  # TabPy's client sends it as a string too
        fetch(abi.SERVICE_DEPLOY, name, json.dumps(endpoint).encode(), _archive(query_object))
        _check_loaded(name)

    def remove(self, name):
        """Removes an endpoint."""
        status, text = request(abi.SERVICE_REMOVE, name)
        if 400 <= status <= 499:
            raise RuntimeError(text)
        if status not in (200, 201, 204):
            raise RuntimeError(f"Error with server response code: {status}")

    def update_endpoint_info(self, name, description=None, schema=None, is_public=None):
        """Changes properties of an endpoint but not its version."""
        endpoint = self.get_endpoints().get(name)
        if not endpoint:
            raise RuntimeError(f"No endpoint with that name ({name}) exists Please select an existing endpoint to update")
        for key, value, kind, kind_name in (("description", description, str, "string"), ("schema", schema, dict, "dictionary"), ("is_public", is_public, bool, "bool")):
            if value is None:
                continue
            if type(value) is not kind:
                raise RuntimeError(f"Type of {key} must be {kind_name}")
            endpoint[key] = str(value) if kind is dict else value
        fetch(abi.SERVICE_UPDATE, name, json.dumps(endpoint.to_request() | {"should_update_version": False}).encode())


def _archive(query_object):
    """Returns the pickle of an object. It contains functions of scripts and of deployed source by
    value, because their modules are different ones where it is loaded."""
    import cloudpickle

    for module in (script.MODULE, source.MODULE):
        if module in sys.modules:
            cloudpickle.register_pickle_by_value(sys.modules[module])
    return cloudpickle.dumps(query_object)


def _check_loaded(name):
    """Raises RuntimeError if the server, which has tried to load the endpoint by now, failed to."""
    status = fetch(abi.SERVICE_STATUS).get(name, {})
    if status.get("status") == "LoadFailed":
        raise RuntimeError(f"LoadFailed: {status['last_error']}")
