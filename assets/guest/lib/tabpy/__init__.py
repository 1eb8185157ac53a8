"""The package of TabPy's client. It also has the attributes of the tabpy object (tabpy.query,
tabpy.headers, ...), for code that does not get the object as an argument. A cell has no part of
TabPy's server."""

from tabcell_guest.tabpy import TabPy as _TabPy

_own = _TabPy()
query = _own.query


def __getattr__(name):
    return getattr(_own, name)
