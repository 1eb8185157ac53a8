from tabpy.tabpy_tools.query_object import QueryObject

__all__ = ["QueryObject"]
