"""The package of the build backend of rapidfuzz and LightGBM; see build."""
