"""The Python half of the bridge.

boot starts the interpreter, evaluate runs a script, model loads and queries a deployed model, and
tabpy is the object of that name in scripts and models.

Vocabulary: resource (a module or data file of the read-only library, served by the host), reply
(the result of a call), image (the memory of this interpreter after boot; every cell is a copy of
it).
"""
