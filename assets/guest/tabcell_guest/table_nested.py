"""The values of lists, structs, maps and run-end encoded arrays."""

import zoneinfo

import numpy as np

from tabcell_guest import table_fields as t
from tabcell_guest import table_zones

pieces = None  # set by table_columns, which imports this module


def _children(parts, i):
    """Returns the parts of a child."""
    return [(source, array.children[i]) for source, array in parts]


def _split(array, items, starts, ends):
    """Returns an array of the items from start to end for each value, with None for nulls."""
    out, missing = np.empty(array.length, object), array.missing()
    for i, (start, end) in enumerate(zip(starts.tolist(), ends.tolist())):
        if missing is None or not missing[i]:
            out[i] = items[start:end]
    return out


def _each(ranges):
    """Returns a reader of lists; ranges returns the starts and ends of an array's values."""

    def reader(field, parts):
        items = pieces(field.children[0], _children(parts, 0))
        return [_split(array, v, *ranges(field, array, len(v))) for (_, array), (v, _) in zip(parts, items)]

    return reader


def _lists(field, array, limit):
    positions = array.positions(field, field.type == t.LARGE_LIST, limit)
    return positions[:-1], positions[1:]


def _fixed_lists(field, array, limit):
    positions = np.arange(array.length + 1, dtype=np.int64) * field.width
    return positions[:-1], positions[1:]


def _list_views(field, array, limit):
    dtype, missing = "<i8" if field.type == t.LARGE_LIST_VIEW else "<i4", array.missing()
    starts, sizes = (array.numbers(i, dtype, array.length).astype(np.int64) for i in (1, 2))
    if missing is not None:
        starts, sizes = np.where(missing, 0, starts), np.where(missing, 0, sizes)
    if len(starts) and (min(starts.min(), sizes.min()) < 0 or (starts > limit).any() or (sizes > limit - starts).any()):
        raise field.error(f"a list is outside of its {limit} values")
    return starts, starts + sizes


def _objects(field, parts):
    """Returns a list of Python objects for each part, with None for nulls."""
    return [_plain(field, *pieces(field, [part])[0]) for part in parts]


def _plain(field, items, missing):
    objects = items.tolist()
    if field.type == t.TIMESTAMP and field.zone and items.dtype.kind == "M":
        zone, utc = table_zones.zone(field.zone), zoneinfo.ZoneInfo("UTC")
        objects = [o.replace(tzinfo=utc).astimezone(zone) if hasattr(o, "astimezone") else o for o in objects]
    for i in () if missing is None else np.flatnonzero(missing).tolist():
        objects[i] = None
    return objects


def _structs(field, parts):
    columns = [_objects(child, _children(parts, i)) for i, child in enumerate(field.children)]
    names = [child.name for child in field.children]
    return [_dicts(names, array, [c[k] for c in columns]) for k, (_, array) in enumerate(parts)]


def _dicts(names, array, columns):
    out, missing = np.empty(array.length, object), array.missing()
    rows = zip(*(c[: array.length] for c in columns)) if columns else [()] * array.length
    for i, row in enumerate(rows):
        if missing is None or not missing[i]:
            out[i] = dict(zip(names, row))
    return out


def _maps(field, parts):
    pair, pairs = field.children[0], _children(parts, 0)
    keys, items = (_objects(pair.children[i], _children(pairs, i)) for i in (0, 1))
    entries = [list(zip(k, v))[: pairs[i][1].length] for i, (k, v) in enumerate(zip(keys, items))]
    return [_split(array, e, *_lists(field, array, len(e))) for (_, array), e in zip(parts, entries)]


def _runs(field, parts):
    if field.children[0].type != t.INT:
        raise field.error("the ends of its runs are not integers")
    items = pieces(field.children[1], _children(parts, 1))
    return [_repeated(field, array, v) for (_, array), (v, _) in zip(parts, items)]


def _repeated(field, array, items):
    child = array.children[0]
    ends = child.numbers(1, field.children[0].dtype(), child.length).astype(np.int64)
    if len(ends) > len(items) or (np.diff(ends, prepend=0) <= 0).any() or (ends[-1] if len(ends) else 0) < array.length:
        raise field.error(f"its runs do not make up its {array.length} values")
    return np.repeat(items[: len(ends)], np.diff(np.clip(ends, None, array.length), prepend=0))


READERS = {
    **dict.fromkeys((t.LIST, t.LARGE_LIST), _each(_lists)),
    **dict.fromkeys((t.LIST_VIEW, t.LARGE_LIST_VIEW), _each(_list_views)),
    t.FIXED_LIST: _each(_fixed_lists),
    t.STRUCT: _structs,
    t.MAP: _maps,
    t.RUN_END: _runs,
}
