"""The client of TabPy's old package. It publishes on the server that runs the cell, like the client
in tabpy.tabpy_tools."""

import json

from tabcell_guest import abi
from tabpy.tabpy_tools import client
from tabpy.tabpy_tools.rest import fetch


class Client(client.Client):
    """The interface of the old client to the server."""

    def __init__(self, endpoint, query_timeout=None, verify_certificate=True):
        super().__init__(endpoint, query_timeout)

    def get_info(self):
        """Raises an error, because a cell has no network access."""
        raise RuntimeError("a cell cannot ask the server for its description; GET /info returns it")

    def alias(self, alias, existing_endpoint_name, description=None):
        """Publishes another name of an endpoint, or changes what such a name refers to."""
        client._check_name(alias)
        endpoints = self.get_endpoints()
        if existing_endpoint_name not in endpoints:
            raise ValueError("Endpoint '%s' does not exist." % existing_endpoint_name)
        if alias in endpoints and endpoints[alias].type != "alias":
            raise RuntimeError('Name "%s" is already in use by another endpoint.' % alias)
        endpoint = {"name": alias, "type": "alias", "description": description or "Alias for %s" % existing_endpoint_name,
                    "target": existing_endpoint_name, "override": alias in endpoints}
        fetch(abi.SERVICE_DEPLOY, alias, json.dumps(endpoint).encode())

    def get_endpoint_dependencies(self, endpoint_name=None):
        """Returns the names of the endpoints that an endpoint depends on, or a dictionary of them for
        all endpoints."""
        endpoints = self.get_endpoints()

        def collect(name):
            direct = set(endpoints[name].get("dependencies") or ())
            if endpoints[name].get("target"):  # of an alias
                direct.add(endpoints[name]["target"])
            return direct.union(*map(collect, direct))

        return collect(endpoint_name) if endpoint_name else {name: collect(name) for name in endpoints}
