"""strftime: every conversion, flag, width and modifier, by all the ways to it."""

import datetime
import time

import pandas as pd

LETTERS = "aAbBcCdDeFgGhHIjklmMnpPrRsStTuUvVwWxXyYzZ%+fiJKLNQqE"
DATES = [
    datetime.datetime(2024, 3, 5, 7, 8, 9, 1234),
    datetime.datetime(1999, 12, 31, 23, 59, 59, 999999),
    datetime.datetime(2021, 1, 3, 0, 0, 0),
    datetime.datetime(99, 1, 1, 12, 30),
    datetime.datetime(1, 1, 1),
    datetime.datetime(9999, 12, 31, 13, 5, 6),
    datetime.datetime(1600, 2, 29, 10, 11, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=-3, minutes=-30))),
]


def formats():
    for letter in LETTERS:
        yield "%" + letter
        for flag in ("_", "-", "0", "^", "#"):
            yield f"%{flag}{letter}"
        for width in ("3", "12", "_5", "-6", "010", "^11", "#^9"):
            yield f"%{width}{letter}"
        for modifier in "EO":
            yield f"%{modifier}{letter}"
    yield from ("100%", "%", "%%", "%%d", "a % b", "%5", "%_", "%E", "%:z", "%::z", "%:", "é %d ü", "%é", "", "x" * 300 + "%Y", "%300d", "%H%%%M")
    yield from ("%l:%M %p", "%k", "%P", "%^a", "%#I", "%+", "%-d.%-m.%Y", "%e. %B", "%G-W%V-%u", "%s", "%C%y", "%Q", "%5%", "%^B", "%#p", "%#Z", "%^c")


def text(function, *arguments):
    try:
        return function(*arguments)
    except Exception as e:
        return f"{type(e).__name__}: {e}"


def cases():
    column = pd.Series([d for d in DATES if d.tzinfo is None and 1700 < d.year < 2200])
    zoned = pd.Timestamp("2024-07-05 15:04:05.6", tz="America/New_York")
    for f in formats():
        yield f"datetime {f[-20:]}", [text(d.strftime, f) for d in DATES]
        yield f"date {f[-20:]}", [text(d.date().strftime, f) for d in DATES]
        yield f"time of day {f[-20:]}", text(DATES[0].time().strftime, f)
        yield f"time {f[-20:]}", [text(time.strftime, f, d.timetuple()) for d in DATES]
        yield f"gmtime {f[-20:]}", text(time.strftime, f, time.gmtime(1e9))
        yield f"pandas {f[-20:]}", [text(lambda: column.dt.strftime(f).tolist()), text(zoned.strftime, f), text(pd.DatetimeIndex(column).strftime(f).tolist)]
    yield "f-string", [f"{d:%l:%M %p|%-d|100%|%Y}" for d in DATES]
    yield "format", ["{:%d %^b %Y}".format(d) for d in DATES]
    yield "strings of times", [time.asctime(time.gmtime(0)), time.ctime(0), time.gmtime(0).tm_zone, DATES[3].ctime()]
    yield "struct_time", [text(time.strftime, "%Y|%j|%U|%Z|%z", (y, 6, 7, 8, 9, 10, 2, 158, dst)) for y in (-5, 0, 5, 1969, 12345) for dst in (-1, 0, 1)]
