"""setlocale as on a Linux host that has no locales but C, POSIX and C.UTF-8.

wasi-libc accepts any name and ignores it, so that a script would get English names and numbers
instead of an error."""

import re

import _locale

_set = _locale.setlocale
_CATEGORIES = (
    "LC_CTYPE LC_NUMERIC LC_TIME LC_COLLATE LC_MONETARY LC_MESSAGES LC_ALL"
    " LC_PAPER LC_NAME LC_ADDRESS LC_TELEPHONE LC_MEASUREMENT LC_IDENTIFICATION"
).split()  # in the order of their numbers
_ALL = _CATEGORIES.index("LC_ALL")
_current = {name: "C" for name in _CATEGORIES if name != "LC_ALL"} | {"LC_CTYPE": "C.UTF-8"}
_UTF8 = re.compile(r"C\.(?i:utf-?8)(@.*)?")


def setlocale(category, locale=None, /):
    """Activates/queries locale processing."""
    if locale is None and type(category) is int and category in _descriptions:
        return _descriptions[category]
    known = isinstance(category, int) and 0 <= category < len(_CATEGORIES)
    if not known or not isinstance(locale, str | None):
        _set(category, locale)  # raises the exception for a wrong type
        raise _locale.Error("locale query failed" if locale is None else "unsupported locale setting")
    names = _names(category)
    if locale is not None:
        chosen = _choose(names, locale)
        _current.update(chosen)
        if "LC_CTYPE" in chosen:
            _set(_locale.LC_CTYPE, chosen["LC_CTYPE"])
        _descriptions.update(_describe_all())
    return _describe(names)


def _names(category):
    return list(_current) if category == _ALL else [_CATEGORIES[category]]


def _choose(names, locale):
    """Returns the locale of each category. The locale is one for all, or a list as LC_ALL has it."""
    if ";" not in locale:
        return dict.fromkeys(names, _resolve(locale))
    chosen = {name: _resolve(value) for name, _, value in (item.partition("=") for item in locale.split(";"))}
    if chosen.keys() != set(names):
        raise _locale.Error("unsupported locale setting")
    return chosen


def _resolve(locale):
    if locale in ("C", "POSIX"):
        return "C"
    if locale and not _UTF8.fullmatch(locale):
        raise _locale.Error("unsupported locale setting")
    return locale or "C.UTF-8"


def _describe(names):
    if len({_current[name] for name in names}) == 1:
        return _current[names[0]]
    return ";".join(f"{name}={_current[name]}" for name in names)


def _describe_all():
    return {category: _describe(_names(category)) for category in range(len(_CATEGORIES))}


_descriptions = _describe_all()  # by category, because strptime queries LC_TIME at each call


def install():
    """Replaces _locale.setlocale, which the module locale calls."""
    _locale.setlocale = setlocale
