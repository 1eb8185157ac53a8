"""The base class of what archives hold."""

import abc


class QueryObject(abc.ABC):
    """Something deployed: it has a description, and a method query."""

    def __init__(self, description=""):
        self.description = description

    def get_dependencies(self):
        return []

    @abc.abstractmethod
    def query(self, input):
        """The answer to a query."""

    @abc.abstractmethod
    def get_docstring(self):
        """What users are told."""

    @abc.abstractmethod
    def get_methods(self):
        """[{"method": name}]."""
