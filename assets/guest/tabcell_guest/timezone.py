"""time.tzset. wasi-libc has no time zones, so CPython is built without it."""

import time

import _tabcell

_YEAR = (365 * 24 + 6) * 3600


def tzset():
    """Initialize, or reinitialize, the local timezone to the value stored in os.environ['TZ']."""
    _tabcell.tzset()
    # the values come from January and July of this year, as in the initialization of time
    new_year = int(time.time()) // _YEAR * _YEAR
    halves = [time.localtime(new_year), time.localtime(new_year + _YEAR // 2)]
    standard, summer = sorted(halves, key=lambda half: half.tm_gmtoff)
    time.timezone, time.altzone = -standard.tm_gmtoff, -summer.tm_gmtoff
    time.daylight = int(time.timezone != time.altzone)
    time.tzname = (standard.tm_zone[:9], summer.tm_zone[:9])


def install():
    """Adds the function to time."""
    tzset.__module__ = "time"
    time.tzset = tzset
