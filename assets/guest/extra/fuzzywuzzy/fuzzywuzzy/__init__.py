"""fuzzywuzzy under the name that scripts import, by thefuzz.

The package fuzzywuzzy is under the GPL, so it is not in the guest. thefuzz is its successor, by the
same authors, with the same functions."""
__version__ = "0.18.0"
