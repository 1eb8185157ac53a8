"""The tabpy object that scripts see: TabPy's RestrictedTabPy, read from the call's context when a script or model asks."""

import json

import _tabcell

from tabcell_guest import service


class TabPy:
    """Attributes: protocol, port (text), timeout (seconds), logger, headers (those of the request, without credentials)."""

    protocol = property(lambda self: _context()["protocol"])
    port = property(lambda self: _context()["port"])
    timeout = property(lambda self: _context()["timeout"])
    headers = property(lambda self: _context()["headers"])  # GAP: without Authorization and cookies: they are the reader's, not the script's

    @property
    def logger(self):
        import logging

        return logging.getLogger("tabpy")

    def query(self, name, *args, **kwargs):
        """Calls a deployed endpoint and returns its answer, whatever it says: {"response", "version", "model", "uuid"}, or {"message", "info"}.
        Arguments by name are ignored when there are others, as in TabPy."""
        return service.query(name, args or kwargs)

    def __reduce__(self):
        return TabPy, ()  # a deployed function that uses it takes none of the call's context with it


def _context():
    return json.loads(_tabcell.input(1))
