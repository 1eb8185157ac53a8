"""Renews the random generators that a model creates without a seed while it is loaded.

The image freezes their state, so each query would draw the same numbers. entropy.c renews the
generators of the modules random and numpy.random; this module renews the model's own. A generator
with a seed continues from its state in the image."""

import contextlib
import gc
import random
import sys
import weakref

_SHARED = random._inst  # the generator of the module random, which entropy.c renews


class Unseeded:
    """The generators of a model that have no seed. It is true if there are any."""

    def __init__(self):
        self._python = weakref.WeakSet()  # instances of random.Random
        self._numpy = []
        self._drawn = set()  # seeds that numpy drew for its generators

    @contextlib.contextmanager
    def recording(self):
        """Records the generators that are created while the context is active."""
        seed, numpy = random.Random.seed, sys.modules.get("numpy.random.bit_generator")

        def record_seed(generator, a=None, version=2):
            (self._python.add if a is None else self._python.discard)(generator)
            seed(generator, a, version)

        def record_randbits(bits):
            self._drawn.add(n := randbits(bits))
            return n

        random.Random.seed = record_seed
        if numpy:
            randbits, numpy.randbits = numpy.randbits, record_randbits
        try:
            yield
        finally:
            random.Random.seed = seed
            if numpy:
                numpy.randbits = randbits
        self._python.discard(_SHARED)
        self._numpy = [o for o in gc.get_objects() if self._drawn and _is_numpy(o, numpy) and o.seed_seq.entropy in self._drawn]

    def renew(self):
        """Gives the generators fresh state."""
        for generator in self._python:
            generator.seed()
        for generator in self._numpy:
            generator.state = type(generator)().state

    def __bool__(self):
        return bool(self._numpy or self._python)


def _is_numpy(o, numpy):
    """Reports whether o is a generator of numpy. Mersenne Twisters are excluded, because
    RandomState(seed) creates one without a seed and seeds it afterwards."""
    return isinstance(o, numpy.BitGenerator) and type(o).__name__ != "MT19937"
