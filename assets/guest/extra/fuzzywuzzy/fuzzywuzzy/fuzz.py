"""The scorers of thefuzz."""
from thefuzz.fuzz import *  # noqa: F403
from thefuzz.fuzz import QRatio, UQRatio, UWRatio, WRatio  # noqa: F401
