from tabpy.tabpy_tools.rest_client import Endpoint

__all__ = ["Endpoint"]
