"""The searches of thefuzz."""
from thefuzz.process import *  # noqa: F403
