"""Random generators that a model made without a seed while it was loaded. Its image would freeze them, and each query draw the same numbers; the
host renews those of random and numpy.random themselves (entropy.c), these are renewed here. One with a seed goes on from where it was."""

import contextlib
import gc
import random
import sys
import weakref

_SHARED = random._inst  # of the functions in random; the host's


class Unseeded:
    """The generators of a model that have no seed."""

    def __init__(self):
        self._own = weakref.WeakSet()  # of random.Random
        self._drawn = set()  # seeds that numpy drew for generators
        self._numpy = []

    @contextlib.contextmanager
    def noticed(self):
        """While a model is loaded, notices what it makes."""
        seed, numpy = random.Random.seed, sys.modules.get("numpy.random.bit_generator")

        def noticing(generator, a=None, version=2):
            (self._own.add if a is None else self._own.discard)(generator)
            seed(generator, a, version)

        def drawing(bits):
            self._drawn.add(n := drawn(bits))
            return n

        random.Random.seed = noticing
        if numpy:
            drawn, numpy.randbits = numpy.randbits, drawing
        try:
            yield
        finally:
            random.Random.seed = seed
            if numpy:
                numpy.randbits = drawn
        self._own.discard(_SHARED)
        self._numpy = [o for o in gc.get_objects() if self._drawn and _is_numpy(o, numpy) and o.seed_seq.entropy in self._drawn]

    def renew(self):
        """Gives all of them fresh state."""
        for generator in self._own:
            generator.seed()
        for generator in self._numpy:
            generator.state = type(generator)().state

    def __bool__(self):
        return bool(self._numpy or self._own)


def _is_numpy(o, numpy):
    """Twisters are left out: RandomState(seed) makes one without a seed first, and seeds it then."""
    return isinstance(o, numpy.BitGenerator) and type(o).__name__ != "MT19937"
