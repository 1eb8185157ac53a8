"""The tabpy object that scripts see: TabPy's RestrictedTabPy, read from the call's context when a script asks."""

import functools
import json

import _tabcell


class TabPy:
    """Attributes: protocol, port (text), timeout (seconds), logger, headers (those of the request, without credentials)."""

    @functools.cached_property
    def _context(self):
        return json.loads(_tabcell.input(1))

    @property
    def protocol(self):
        return self._context["protocol"]

    @property
    def port(self):
        return self._context["port"]

    @property
    def timeout(self):
        return self._context["timeout"]

    @property
    def headers(self):
        return self._context["headers"]  # GAP: Authorization and cookies are withheld: they are the reader's, not the script's

    @functools.cached_property
    def logger(self):
        import logging

        return logging.getLogger("tabpy")

    def query(self, name, *args, **kwargs):
        """Calls a deployed endpoint; without one the answer is TabPy's for an unknown name, a dict without "response"."""
        return {"message": "UnknownURI", "info": f"Endpoint '{name}' does not exist"}
