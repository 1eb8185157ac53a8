"""The client under its old name, as the package tabpy-client 0.2 had it."""

from tabpy_client.client import Client
from tabpy_client.schema import generate_schema

__all__ = ["Client", "generate_schema"]
__version__ = "dev"  # as in that package
