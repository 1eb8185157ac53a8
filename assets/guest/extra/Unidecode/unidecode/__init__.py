"""unidecode under the name that scripts import, by text_unidecode's table.

The package Unidecode is under the GPL, so it is not in the guest. Both have the table of the Perl
module Text::Unidecode; Unidecode knows some characters more. Those of them that texts of today
contain are in characters.py; others are decomposed as Unicode says, or dropped."""
import unicodedata
import warnings

from text_unidecode import unidecode as _by_table

from .characters import CHARACTERS

__all__ = ["UnidecodeError", "unidecode", "unidecode_expect_ascii", "unidecode_expect_nonascii"]


class UnidecodeError(ValueError):
    """Raised with errors="strict"; index is the position of the character."""

    def __init__(self, message, index=None):
        super().__init__(message)
        self.index = index


def _by_parts(char):
    """Returns the text of the characters that char is composed of, or None."""
    if not unicodedata.decomposition(char).startswith("<"):
        return None
    text = "".join(CHARACTERS.get(part, _by_table(part)) for part in unicodedata.normalize("NFKD", char))
    return text if "[?]" not in text else None


def _ascii(char):
    """Returns the text for a character that is not ASCII, or None if there is none. Combining marks
    have the text ""."""
    if char in CHARACTERS:
        return CHARACTERS[char]
    text = _by_table(char) if ord(char) < 0x10000 else "[?]"
    if text and text.strip() != "[?]":
        return text
    parts = _by_parts(char)
    if parts is None:
        return None if text else ""
    return parts


def _replacement(char, index, errors, replace_str):
    if errors == "ignore":
        return ""
    if errors == "strict":
        raise UnidecodeError(f"no replacement found for character {char!r} in position {index}", index)
    if errors == "replace":
        return replace_str
    if errors == "preserve":
        return char
    raise UnidecodeError(f"invalid value for errors parameter {errors!r}")


def unidecode_expect_nonascii(string, errors="ignore", replace_str="?"):
    """Returns the text in ASCII letters.

    errors says what becomes of a character without an equivalent: "ignore" drops it, "strict" raises
    UnidecodeError, "replace" puts replace_str, and "preserve" leaves it."""
    out = []
    for index, char in enumerate(string):
        text = char if char.isascii() else _ascii(char)
        out.append(_replacement(char, index, errors, replace_str) if text is None else text)
    return "".join(out)


def unidecode_expect_ascii(string, errors="ignore", replace_str="?"):
    """Returns the same as unidecode_expect_nonascii, at once if the text is in ASCII."""
    if isinstance(string, bytes):
        warnings.warn("Argument is not a string", RuntimeWarning, 2)
        return string.decode("ascii")
    return string if string.isascii() else unidecode_expect_nonascii(string, errors, replace_str)


unidecode = unidecode_expect_ascii
