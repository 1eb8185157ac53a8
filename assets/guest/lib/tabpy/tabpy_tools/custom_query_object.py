"""The class in which TabPy's client wraps a function to deploy. Archives refer to it by this module
and name, and store its fields description and custom_query."""

from tabpy.tabpy_tools.query_object import QueryObject

NO_DOCSTRING = "-- no docstring found in query function --"


class CustomQueryObject(QueryObject):
    """A function that responds to queries."""

    def __init__(self, query, description=""):
        super().__init__(description)
        self.custom_query = query

    def query(self, /, *args, **kwargs):
        return self.custom_query(*args, **kwargs)

    def get_docstring(self):
        text = getattr(self.custom_query, "__doc__", None)
        return text if text and isinstance(text, str) else NO_DOCSTRING

    def get_methods(self):
        return [self.get_query_method()]

    def get_query_method(self):
        return {"method": "query"}
