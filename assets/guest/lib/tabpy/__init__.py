"""The name under which scripts and models find TabPy's client, and the tabpy object itself (tabpy.query, tabpy.headers, ...) where no script has
it as an argument. The server is not here: nothing of it is in a cell."""

from tabcell_guest.tabpy import TabPy as _TabPy

_own = _TabPy()
query = _own.query


def __getattr__(name):
    return getattr(_own, name)
