"""The base class of the objects in archives."""

import abc


class QueryObject(abc.ABC):
    """A deployed object, with a description and a query method."""

    def __init__(self, description=""):
        self.description = description

    def get_dependencies(self):
        return []

    @abc.abstractmethod
    def query(self, input):
        """Returns the response to a query."""

    @abc.abstractmethod
    def get_docstring(self):
        """Returns the documentation for users."""

    @abc.abstractmethod
    def get_methods(self):
        """Returns [{"method": name}, ...]."""
