from tabpy.tabpy_tools.schema import generate_schema

__all__ = ["generate_schema"]
