"""Stub of numpy.f2py, which generates and compiles C. `from numpy import *` imports every name in
numpy.__all__, so the module must exist."""
