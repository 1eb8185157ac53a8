"""The functions of thefuzz that prepare texts."""
from thefuzz.utils import *  # noqa: F403
