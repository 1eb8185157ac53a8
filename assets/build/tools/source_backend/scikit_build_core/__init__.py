"""The package of the build backend of rapidfuzz; see build."""
