"""Connections that a grant allows: what the modules _socket, select and ssl of a cell have in
common. The host resolves names, connects, and does TLS (bridge.h); descriptors and Python's
exceptions are made here."""
