"""The text of a type, as pyarrow writes it."""

from tabcell_guest import table_fields as t

_PLAIN = {t.NULL: "null", t.BOOL: "bool", t.UTF8: "string", t.LARGE_UTF8: "large_string", t.UTF8_VIEW: "string_view", t.BINARY: "binary",
          t.LARGE_BINARY: "large_binary", t.BINARY_VIEW: "binary_view", t.INTERVAL: "month_day_nano_interval"}


def text(f):
    """Returns the text of a field's type."""
    if f.encoding is not None:
        return f"dictionary<values={_value(f)}, indices=int{f.encoding.width}, ordered={int(f.encoding.ordered)}>"
    return _value(f)


def _value(f):
    unit = t.UNITS[f.unit] if f.unit < 4 else ""
    if f.type == t.INT:
        return f"{'' if f.scale else 'u'}int{f.width}"
    if f.type == t.FLOAT:
        return ("halffloat", "float", "double")[f.unit]
    if f.type == t.TIMESTAMP:
        return f"timestamp[{unit}, tz={f.zone}]" if f.zone else f"timestamp[{unit}]"
    if f.type == t.DECIMAL:
        return f"decimal{f.width}({f.unit}, {f.scale})"
    if f.type == t.LIST:
        return f"list<item: {text(f.children[0])}>"
    if f.type == t.STRUCT:
        return f"struct<{', '.join(f'{c.name}: {text(c)}' for c in f.children)}>"
    if f.type == t.FIXED_BINARY:
        return f"fixed_size_binary[{f.width}]"
    if f.type == t.DATE:
        return ("date32[day]", "date64[ms]")[f.unit]
    return _PLAIN.get(f.type) or f"{'time' + str(f.width) if f.type == t.TIME else 'duration'}[{unit}]"
