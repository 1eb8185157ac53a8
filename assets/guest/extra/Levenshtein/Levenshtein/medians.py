"""Texts that are near to all texts of a list. The weights say how often each of them counts."""
import math

from rapidfuzz.distance import Levenshtein


def _weighted(strlist, wlist):
    strings = list(strlist)
    weights = [1.0] * len(strings) if wlist is None else [float(w) for w in wlist]
    if len(weights) != len(strings):
        raise ValueError(f"there are {len(strings)} strings but {len(weights)} weights")
    return strings, weights


def _sum(text, strings, weights):
    return sum(w * Levenshtein.distance(text, s) for s, w in zip(strings, weights))


def setmedian(strlist, wlist=None):
    """Returns the text of the list with the smallest sum of distances to the others."""
    strings, weights = _weighted(strlist, wlist)
    return min(strings, key=lambda s: _sum(s, strings, weights), default="")


def quickmedian(strlist, wlist=None):
    """Returns a text that has at each place the character that most of the texts have there."""
    strings, weights = _weighted(strlist, wlist)
    total = sum(weights)
    length = math.floor(sum(len(s) * w for s, w in zip(strings, weights)) / total + 0.499999) if total else 0
    return "".join(_vote(strings, weights, length, i) for i in range(length))


def _vote(strings, weights, length, place):
    votes = {}
    for s, w in zip(strings, weights):
        begin = len(s) / length * place
        end = begin + len(s) / length
        first, last = math.floor(begin), min(math.ceil(end), len(s))
        for i in range(first, last):
            votes[s[i]] = votes.get(s[i], 0) + w * (min(i + 1, end) - max(i, begin))
    return max(sorted(votes), key=votes.get)


def median(strlist, wlist=None):
    """Returns a text with a small sum of distances, built from its beginning, one character at a
    time."""
    strings, weights = _weighted(strlist, wlist)
    symbols, longest = sorted(set().union(*strings)), max(map(len, strings), default=0)
    rows, text, sums = [list(range(len(s) + 1)) for s in strings], "", [sum(len(s) * w for s, w in zip(strings, weights))]
    while symbols and len(text) <= 2 * longest:
        best, rows, symbol = min((_extended(rows, strings, weights, c) for c in symbols), key=lambda e: e[0])
        text += symbol
        sums.append(sum(row[-1] * w for row, w in zip(rows, weights)))
        if len(text) > longest and sums[-1] > sums[-2]:
            break
    return text[:sums.index(min(sums))]


def _extended(rows, strings, weights, symbol):
    """Returns the least sum that a text can still have after symbol, and the new rows."""
    new = []
    for row, s in zip(rows, strings):
        out = [row[0] + 1]
        for i, c in enumerate(s):
            out.append(min(out[i] + 1, row[i] + (c != symbol), row[i + 1] + 1))
        new.append(out)
    return sum(min(row) * w for row, w in zip(new, weights)), new, symbol


def median_improve(string, strlist, wlist=None):
    """Returns string after the changes of single characters that make the sum of distances smaller."""
    strings, weights = _weighted(strlist, wlist)
    symbols, place, best = sorted(set().union(*strings)), 0, _sum(string, strings, weights)
    while place <= len(string):
        step, changed = 1, string
        for text, move in _changes(string, place, symbols):
            if (total := _sum(text, strings, weights)) < best:
                best, changed, step = total, text, move
        string, place = changed, place + step
    return string


def _changes(string, place, symbols):
    """Yields the texts that differ from string in one character, and how far to go on after each."""
    head, tail = string[:place], string[place:]
    if tail:
        yield from ((head + c + tail[1:], 1) for c in symbols if c != tail[0])
    yield from ((head + c + tail, 1) for c in symbols)
    if tail:
        yield head + tail[1:], 0
