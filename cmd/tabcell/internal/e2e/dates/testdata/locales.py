"""Locales: those of a host that has only C, POSIX and C.UTF-8."""

import calendar
import locale
import time

NAMES = """C POSIX C.UTF-8 C.utf8 C.UTF8 C.utf-8 xx_YY de_DE.UTF-8 en_US en_US.UTF-8 de_DE c POSIX.UTF-8 C.ISO-8859-1 german C/C
C.UTF-8;C;C;C;C;C LC_CTYPE=C.UTF-8;LC_NUMERIC=C C.""".split()
CATEGORIES = ["LC_ALL", "LC_CTYPE", "LC_NUMERIC", "LC_TIME", "LC_COLLATE", "LC_MONETARY", "LC_MESSAGES"]


def text(function, *arguments):
    try:
        return function(*arguments)
    except Exception as e:
        return f"{type(e).__module__}.{type(e).__name__}: {e}"


def state():
    return [locale.setlocale(locale.LC_ALL), locale.getlocale(), locale.localeconv()["decimal_point"], locale.format_string("%.2f", 1234.5, grouping=True)]


def cases():
    yield "initial", [locale.setlocale(getattr(locale, c)) for c in CATEGORIES]
    for name in NAMES:
        for category in CATEGORIES:
            yield f"{category} {name}", text(locale.setlocale, getattr(locale, category), name)
        yield f"after {name}", state()
        locale.setlocale(locale.LC_ALL, "C.UTF-8")
    locale.setlocale(locale.LC_ALL, "C")
    locale.setlocale(locale.LC_TIME, "C.utf8")
    saved = locale.setlocale(locale.LC_ALL)
    locale.setlocale(locale.LC_ALL, "C.UTF-8")
    yield "mixed", [saved, locale.setlocale(locale.LC_ALL, saved), locale.setlocale(locale.LC_TIME)]
    yield "tuple", [text(locale.setlocale, locale.LC_ALL, value) for value in (("en_US", "UTF-8"), ("C", "UTF-8"), (None, None))]
    yield "categories", [text(locale.setlocale, c, n) for c in (7, 12, 13, -1, 99) for n in (None, "C")]
    yield "types", [text(locale.setlocale, "LC_ALL"), text(locale.setlocale, locale.LC_ALL, 5)]
    locale.setlocale(locale.LC_ALL, "C.UTF-8")
    yield "calendar", [
        text(calendar.LocaleTextCalendar(locale="de_DE").formatmonth, 2024, 2),
        text(calendar.LocaleTextCalendar(locale="C").formatmonth, 2024, 2),
        text(calendar.LocaleHTMLCalendar(locale="xx").formatmonthname, 2024, 2),
        text(lambda: calendar.different_locale("fr_FR").__enter__()),
    ]
    yield "names", [time.strftime("%A %B %x %X %c %p", (2024, 3, 5, 7, 8, 9, 1, 65, 0)), locale.nl_langinfo(locale.DAY_1), list(calendar.month_name)]
