"""The Python half of the bridge: starts the interpreter (boot), evaluates a script (evaluate), loads and queries a deployed model (model), and
what both see of TabPy (tabpy).

Vocabulary: resource (a module or data file of the read-only library, served by the host), reply (the finished answer of a call),
image (the memory of this interpreter after boot; every cell is a copy of it).
"""
