"""The tabpy object of scripts and models, TabPy's RestrictedTabPy. It reads the call's context on
access."""

import json

import _tabcell

from tabcell_guest import abi, service


class TabPy:
    """Attributes: protocol, port (text), timeout (seconds), logger, headers (those of the request,
    without credentials)."""

    protocol = property(lambda self: _context()["protocol"])
    port = property(lambda self: _context()["port"])
    timeout = property(lambda self: _context()["timeout"])
    # GAP: no Authorization and cookies, which belong to the user, not to the script
    headers = property(lambda self: _context()["headers"])

    @property
    def logger(self):
        import logging

        return logging.getLogger("tabpy")

    def query(self, name, *args, **kwargs):
        """Calls a deployed endpoint and returns its response: {"response", "version", "model",
        "uuid"} or, after an error, {"message", "info"}. If there are positional arguments, named
        ones are ignored, as in TabPy."""
        return service.query(name, args or kwargs)

    def __reduce__(self):
        # a deployed function that refers to it must not contain the call's context
        return TabPy, ()


def _context():
    return json.loads(_tabcell.input(abi.INPUT_CONTEXT))
