"""Levenshtein under the name that scripts import, by rapidfuzz.

The package Levenshtein is compiled and under the GPL, so it is not in the guest. Its functions have
the same names, arguments and results here; those about sets and medians are in sets.py and
medians.py."""
from rapidfuzz.distance import Editops, Hamming, Indel, Jaro, JaroWinkler, Opcodes
from rapidfuzz.distance import Levenshtein as _levenshtein

from .medians import median, median_improve, quickmedian, setmedian
from .sets import seqratio, setratio

__version__ = "0.27.5"
__all__ = ["apply_edit", "distance", "editops", "hamming", "inverse", "jaro", "jaro_winkler", "matching_blocks", "median", "median_improve",
           "opcodes", "quickmedian", "ratio", "seqratio", "setmedian", "setratio", "subtract_edit"]


def distance(s1, s2, *, weights=(1, 1, 1), processor=None, score_cutoff=None, score_hint=None):
    """Returns the number of insertions, deletions and replacements that turn s1 into s2."""
    return _levenshtein.distance(s1, s2, weights=weights, processor=processor, score_cutoff=score_cutoff, score_hint=score_hint)


def ratio(s1, s2, *, processor=None, score_cutoff=None):
    """Returns the similarity of two texts from 0 to 1, where a replacement costs two."""
    return Indel.normalized_similarity(s1, s2, processor=processor, score_cutoff=score_cutoff)


def hamming(s1, s2, *, pad=True, processor=None, score_cutoff=None):
    """Returns the number of positions at which two texts differ."""
    return Hamming.distance(s1, s2, pad=pad, processor=processor, score_cutoff=score_cutoff)


def jaro(s1, s2, *, processor=None, score_cutoff=None):
    """Returns Jaro's similarity from 0 to 1."""
    return Jaro.similarity(s1, s2, processor=processor, score_cutoff=score_cutoff)


def jaro_winkler(s1, s2, *, prefix_weight=0.1, processor=None, score_cutoff=None):
    """Returns Winkler's form of Jaro's similarity, which favours equal beginnings."""
    return JaroWinkler.similarity(s1, s2, prefix_weight=prefix_weight, processor=processor, score_cutoff=score_cutoff)


def _length(text):
    return text if isinstance(text, int) else len(text)


def _edits(operations, source, destination):
    kind = Opcodes if operations and len(operations[0]) == 5 else Editops
    return kind(operations, _length(source), _length(destination))


def editops(*args):
    """Returns the edits of two texts as (name, position, position), or converts other operations."""
    if len(args) == 2:
        return _levenshtein.editops(*args).as_list()
    edits = _edits(*args)
    return (edits if isinstance(edits, Editops) else edits.as_editops()).as_list()


def opcodes(*args):
    """Returns the edits of two texts as difflib does, or converts other operations."""
    if len(args) == 2:
        return _levenshtein.opcodes(*args).as_list()
    edits = _edits(*args)
    return (edits if isinstance(edits, Opcodes) else edits.as_opcodes()).as_list()


def matching_blocks(edit_operations, source_string, destination_string):
    """Returns the equal parts of two texts as difflib does."""
    return _edits(edit_operations, source_string, destination_string).as_matching_blocks()


def subtract_edit(edit_operations, subsequence):
    """Returns the edits that are left after a part of them."""
    done = Editops(subsequence, 2**31, 2**31)
    return Editops(edit_operations, 2**31, 2**31).remove_subsequence(done).as_list()


def apply_edit(edit_operations, source_string, destination_string):
    """Applies edits to a text."""
    if not edit_operations:
        return source_string
    return _edits(edit_operations, source_string, destination_string).apply(source_string, destination_string)


def inverse(edit_operations):
    """Returns the edits that lead back."""
    names = {"insert": "delete", "delete": "insert"}
    return [(names.get(name, name), *(positions[2:] + positions[:2] if len(positions) == 4 else positions[::-1]))
            for name, *positions in edit_operations]
