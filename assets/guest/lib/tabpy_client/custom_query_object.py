from tabpy.tabpy_tools.custom_query_object import CustomQueryObject

__all__ = ["CustomQueryObject"]
