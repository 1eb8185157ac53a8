from tabpy.tabpy_tools.rest import ResponseError

__all__ = ["ResponseError"]
