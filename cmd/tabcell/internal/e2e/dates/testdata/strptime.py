"""strptime: the usual formats and random ones, with texts that match, nearly match or do not."""

import datetime
import random
import time
import warnings

import _strptime

# The directives that the guest matches in C, and others.
USUAL = "aAbBcdeHIjklmMpPrRSTuwxXyYzZf%"
OTHERS = "GUVWCDhnst+QO"
FORMATS = """%Y-%m-%d %H:%M:%S|%Y-%m-%d|%d/%m/%Y|%m/%d/%y|%d.%m.%Y %H:%M|%Y-%m-%dT%H:%M:%S.%f%z|%a, %d %b %Y %H:%M:%S %Z
%A, %B %d, %Y|%I:%M %p|%c|%x %X|%Y%m%d|%Y%m%d%H%M%S|%H:%M|%Y-%j|%j|%b %d, %Y %I:%M:%S %p|%Y-%m-%d %H:%M:%S %Z%z|%y%j|%d %b|%e %b
%a %b %e %H:%M:%S %Y|%Y-W%W-%w|%G-W%V-%u|%H%d%Y|%d%H%M%y|%m%d%Y||%|%%|%Y %|%-d/%-m/%Y|%5Y|%^a %Y|%#b|%Y %Y|%y %Y|%B%b%m%Y|%H %I %p
%I %H %p|%Q|% d|%_d %0e %y|%r %w|%R %u|%k %l %P|%T|%Oy|%%%Y%%|%Y\\%m|[%Y]|%Y.%m.%d?|%z|%z%Z|%Z|%Z%Y|%f%S|%Y年%m月%d日""".replace("\n", "|").split("|")
SEPARATORS = ("-", "/", " ", ":", ".", ", ", "T", "", "_", "  ", "\t", "\x1c", "at ", "K", "\\", "(", "]", "*", "?", "^", "$", "'", "é", "\0", "\xa0")
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()
COMPOUND = {"c": "%a %b %e %H:%M:%S %Y", "r": "%I:%M:%S %p", "R": "%H:%M", "T": "%H:%M:%S", "x": "%m/%d/%y", "X": "%H:%M:%S"}
RANGES = {"d": (1, 31, 2), "e": (1, 31, 2), "H": (0, 23, 2), "k": (0, 23, 2), "I": (1, 12, 2), "l": (1, 12, 2), "j": (1, 366, 3), "m": (1, 12, 2)}
RANGES |= {"M": (0, 59, 2), "S": (0, 59, 2), "u": (1, 7, 1), "w": (0, 6, 1), "U": (0, 53, 2), "V": (1, 53, 2), "W": (0, 53, 2), "y": (0, 99, 2)}
YEARS = (1, 4, 1582, 1900, 1999, 2000, 2023, 2024, 2024, 2000, 9999, 0)
ZONES = ("UTC", "GMT", "utc", "Gmt", "CET", "UTC+3", "UTCX", "")


class Subclass(datetime.datetime):
    """Notes the arguments of the constructor."""

    def __new__(cls, *arguments):
        self = super().__new__(cls, *arguments)
        self.arguments = arguments
        return self


def random_format(r):
    if r.random() < 0.3:
        return r.choice(FORMATS)
    letters = r.sample(USUAL if r.random() < 0.9 else USUAL + OTHERS, r.randint(1, 6))
    if "d" in letters:
        letters.append(r.choice("Yy"))
    flags = ("", "-", "_", "0", "#", "^", "05", "E") if r.random() < 0.2 else ("",)
    return "".join("%" + r.choice(flags) + letter + r.choice(SEPARATORS[: 9 if r.random() < 0.7 else None]) for letter in letters)


def random_number(r, low, high, width):
    text = str(r.randint(0, 10**width) if r.random() < 0.03 else r.choice((low, high, r.randint(low, high))))
    return r.choice((text.zfill(width), text.zfill(width), text, text.rjust(width)))


def random_offset(r):
    colon, second_colon = r.choice((("", ""), (":", ":"), ("", ":"), (":", "")))
    text = f"{r.choice('+-')}{r.choice((0, 1, 5, 23, 24, 99)):02}{colon}{r.choice((0, 30, 59, 60)):02}"
    return text + r.choice(("", "", f"{second_colon}{r.choice((0, 7, 60)):02}", f"{second_colon}08.{r.randint(0, 10**7)}"))


def random_part(r, letter):
    """Returns a text for a directive."""
    if letter in RANGES:
        return random_number(r, *RANGES[letter])
    if letter in COMPOUND:
        return random_text(r, COMPOUND[letter])
    parts = {"A": r.choice(DAYS), "a": r.choice(DAYS)[:3], "B": r.choice(MONTHS), "b": r.choice(MONTHS)[:3], "p": r.choice(("AM", "PM"))}
    parts |= {"P": r.choice(("am", "Pm")), "Y": f"{r.choice(YEARS):04}", "f": str(r.randint(0, 10**7)), "Z": r.choice(ZONES), "G": f"{r.choice(YEARS):04}"}
    part = parts.get(letter) or (r.choice((random_offset(r), "Z", "z")) if letter == "z" else letter)
    return r.choice((part, part, part.upper(), part.swapcase()))


def mutated(r, text):
    """Replaces, inserts or removes a character."""
    i = r.randint(0, len(text))
    return text[:i] + r.choice(("", "0", "1", "9", " ", "-", ":", "a", "Z", "\u0663", "\u212a", "\u0131", ".")) + text[i + r.randint(0, 1) :]


def random_text(r, format):
    """Returns a text that matches the format in most cases."""
    out, letters = "", iter(format)
    for c in letters:
        if c == "%":
            out += random_part(r, next((letter for letter in letters if letter not in "-_0^#123456789OE"), ""))
        else:
            out += r.choice((" ", "  ", "\t", "\x1f")) if c == " " and r.random() < 0.2 else c
    return mutated(r, out) if r.random() < 0.25 else out


def describe(function, *arguments):
    try:
        value = function(*arguments)
    except (Exception, Warning) as e:
        return f"{type(e).__name__}: {e}"
    if isinstance(value, datetime.datetime):
        return f"{value!r} {type(value.tzinfo).__name__} {getattr(value, 'arguments', '')}"
    return f"{tuple(value)} {value.tm_zone} {value.tm_gmtoff}"


def cases():
    """Yields the results for each of the formats. A format without a year warns only when it is compiled."""
    r = random.Random(1)
    warnings.simplefilter("ignore")
    for format in FORMATS:
        texts = [random_text(r, format) for _ in range(10)]
        yield f"datetime {format}", [f"{t!r}: {describe(datetime.datetime.strptime, t, format)}" for t in texts]
        yield f"time {format}", [f"{t!r}: {describe(time.strptime, t, format)}" for t in texts]
    yield "default format", describe(time.strptime, "Sun Jun 20 23:21:05 1993")
    yield "subclass", [describe(Subclass.strptime, text, "%Y%z") for text in ("2024+01:30", "2024Z")] + [describe(Subclass.strptime, "1:2", "%H:%M")]
    for arguments in ((), ("1",), ("1", "%d", 3), (1, "%d"), ("1", None), (b"1", "%d"), ("\ud800", "%Y"), ("2024", "\ud800")):
        yield f"arguments {arguments!r}", [describe(datetime.datetime.strptime, *arguments), describe(time.strptime, *arguments)]


def differences(seed, formats, texts):
    """Returns differences from the functions of Lib/_strptime.py for random formats, and counts."""
    r, found, compared, valid = random.Random(seed), [], 0, 0
    pairs = ((datetime.datetime.strptime, _strptime._strptime_datetime, (datetime.datetime,)), (time.strptime, _strptime._strptime_time, ()))
    pairs += ((Subclass.strptime, _strptime._strptime_datetime, (Subclass,)),)
    warnings.simplefilter("error")
    for format in [random_format(r) for _ in range(formats)]:
        for text in [random_text(r, format) for _ in range(texts)]:
            for function, original, arguments in pairs:
                got, want = describe(function, text, format), describe(original, *arguments, text, format)
                compared += 1
                valid += "Error" not in want and "Warning" not in want
                if got != want:
                    found.append([text, format, got, want])
    return found[:10], compared, valid


def unsupported():
    """Returns the texts that Lib/_strptime.py had to match, among those of common formats."""
    calls, original = [], _strptime._strptime
    _strptime._strptime = lambda text, format: (calls.append(text), original(text, format))[1]
    moment = datetime.datetime(2024, 2, 29, 17, 8, 9, 123456, datetime.timezone.utc)
    for format in FORMATS[:17]:
        datetime.datetime.strptime(moment.strftime(format), format)
        time.strptime(moment.strftime(format), format)
    _strptime._strptime = original
    return calls
