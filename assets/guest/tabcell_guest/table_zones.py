"""Time zones in the text form of Arrow: a name or an offset such as +05:30."""

import datetime
import re
import zoneinfo

from tabcell_guest.table_errors import ArrowInvalid


def zone(text):
    """Returns the time zone that a text names."""
    if m := re.fullmatch(r"([+-])(\d\d):?(\d\d)", text):
        offset = datetime.timedelta(hours=int(m[2]), minutes=int(m[3]))
        if offset < datetime.timedelta(days=1):
            return datetime.timezone(-offset if m[1] == "-" else offset)
    try:
        return zoneinfo.ZoneInfo(text)
    except Exception:  # of many classes, for names that are also bad paths
        raise ArrowInvalid(f"the time zone {text[:80]!r} is unknown") from None


def text(zone):
    """Returns the text of a time zone."""
    key = getattr(zone, "key", None) or getattr(zone, "zone", None)
    if key is not None:
        return key
    offset = zone.utcoffset(None)
    if offset is None:
        return str(zone)
    if zone is datetime.timezone.utc:
        return "UTC"
    minutes = offset // datetime.timedelta(minutes=1)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
