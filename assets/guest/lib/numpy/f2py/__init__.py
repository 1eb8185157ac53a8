"""Stand-in for numpy.f2py, which writes and compiles C: `from numpy import *` imports every name of numpy.__all__."""
