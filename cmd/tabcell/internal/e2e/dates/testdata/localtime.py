"""Local time in every zone of the tz database, chosen by the variable TZ and time.tzset."""

import datetime
import hashlib
import os
import random
import time

import pandas as pd

ZONES = """Pacific/Auckland Europe/Berlin Europe/London Europe/Dublin America/New_York America/Los_Angeles America/St_Johns Asia/Kolkata
Asia/Tokyo Asia/Kathmandu Australia/Lord_Howe Australia/Sydney Africa/Casablanca America/Sao_Paulo America/Asuncion Pacific/Apia Pacific/Chatham
Asia/Tehran Asia/Gaza Antarctica/Troll Europe/Moscow America/Nuuk Etc/UTC EST5EDT CET Asia/Pyongyang Africa/Monrovia America/Anchorage
CET-1CEST,M3.5.0,M10.5.0/3 EST5EDT,M3.2.0,M11.1.0 <-03>3<-02>,M3.5.0/-2,M10.5.0/-1 AAA-5:30 UTC0 UTC+3 Mars/Olympus xx_YY :Asia/Seoul AEST-10AEDT,J300,J60""".split()


def set_zone(name):
    os.environ["TZ"] = name
    time.tzset()


def moments(name):
    """Seconds from 1900 to 2100."""
    r = random.Random(name)
    return [r.randrange(-2_208_988_800, 4_102_444_800) for _ in range(60)]


def describe(t):
    s = time.localtime(t)
    d = datetime.datetime.fromtimestamp(t)
    return [*s, s.tm_gmtoff, s.tm_zone, d.isoformat(), d.fold, d.timestamp(), d.astimezone().isoformat(), time.strftime("%c %z %Z", s)]


def changes(name):
    """The seconds around each change of the offset in some years."""
    for year in (1947, 1987, 2007, 2024, 2037, 2060):
        start = int(datetime.datetime(year, 1, 1, tzinfo=datetime.timezone.utc).timestamp())
        for low in range(start, start + 366 * 86400, 86400):
            high = low + 86400
            if time.localtime(low).tm_gmtoff == time.localtime(high).tm_gmtoff:
                continue
            while high - low > 1:
                middle = (low + high) // 2
                if time.localtime(middle).tm_gmtoff == time.localtime(low).tm_gmtoff:
                    low = middle
                else:
                    high = middle
            yield high


def mktime(local):
    try:
        return time.mktime(local)
    except OverflowError as e:
        return str(e)


def around(t):
    """Local times around a change, which may skip or repeat them, converted back."""
    for minutes in (-90, -45, -30, -1, 0, 1, 30, 45, 90):
        s = time.localtime(t)
        local = (s.tm_year, s.tm_mon, s.tm_mday, s.tm_hour, s.tm_min + minutes, s.tm_sec, 0, 0)
        yield [mktime(local + (dst,)) for dst in (-1, 0, 1)]
        d = datetime.datetime(*s[:6]) + datetime.timedelta(minutes=minutes)
        yield [d.replace(fold=fold).timestamp() for fold in (0, 1)]
        yield [d.replace(fold=fold).astimezone().isoformat() for fold in (0, 1)]


def digest(values):
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]


def zone(name, every=True):
    set_zone(name)
    values = [describe(t) for t in moments(name)]
    if every:
        values += [list(around(t)) for t in changes(name)]
    return [time.tzname, time.timezone, time.altzone, time.daylight, digest(values)]


def all_zones():
    """The zones of the tz database."""
    for line in names():
        yield line, zone(line, every=False)


def names():
    import tzdata

    with open(os.path.join(os.path.dirname(tzdata.__file__), "zones")) as file:
        return file.read().split()


def cases():
    for name in ZONES:
        yield name, zone(name)
    for name in ("Europe/Berlin", "Pacific/Auckland", "Asia/Tokyo", "Etc/UTC", "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", "xx_YY"):
        set_zone(name)
        yield f"names in {name}", [time.strftime("%Z", (2024, 6, 7, 8, 9, 10, 2, 158, dst)) for dst in (-1, 0, 1)]
    set_zone("Pacific/Auckland")
    yield "one moment", describe(1_700_000_000)
    yield "pandas", [
        abs((pd.Timestamp.today() - pd.Timestamp.now("Pacific/Auckland").tz_localize(None)).total_seconds()) < 5,
        pd.Timestamp(0, unit="s", tz="UTC").tz_convert("tzlocal()").isoformat(),
        pd.Timestamp.fromtimestamp(1e9).isoformat(),
    ]
    yield "parsed", [time.mktime(time.strptime("2024-07-01 12:00", "%Y-%m-%d %H:%M")), time.strptime("NZDT", "%Z").tm_isdst]
    set_zone("America/New_York")
    yield "switched", [time.localtime(1e9).tm_zone, time.tzname]
    os.environ["TZ"] = "Asia/Tokyo"  # takes effect without tzset when mktime is called
    yield "mktime after a change of TZ", [time.localtime(1e9).tm_zone, time.mktime((2024, 1, 1, 0, 0, 0, 0, 0, -1)), time.localtime(1e9).tm_zone, time.tzname]
    del os.environ["TZ"]
