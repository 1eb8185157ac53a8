"""The parts of TabPy's client that are useful inside a cell. They call the server that runs the
cell through a host function instead of HTTP."""
