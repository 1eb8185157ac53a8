"""The data types of pyarrow, which a cell does not have, as its pickles describe them.

The functions without an underscore have the names and arguments of those in pyarrow.lib that a
pickle calls."""

import pickle

NUMBERS = {"int8": "<i1", "int16": "<i2", "int32": "<i4", "int64": "<i8", "uint8": "<u1", "uint16": "<u2", "uint32": "<u4", "uint64": "<u8",
            "halffloat": "<f2", "float": "<f4", "double": "<f8"}
_PLAIN = {"null", "bool", "string", "large_string", "string_view", "binary", "large_binary", "binary_view", *NUMBERS}
_SYNONYMS = {"boolean": "bool", "i1": "int8", "i2": "int16", "i4": "int32", "i8": "int64", "u1": "uint8", "u2": "uint16", "u4": "uint32",
             "u8": "uint64", "f2": "halffloat", "float16": "halffloat", "f4": "float", "float32": "float", "f8": "double", "float64": "double",
             "str": "string", "utf8": "string", "large_str": "large_string", "large_utf8": "large_string", "date32": "date32[day]",
             "date64": "date64[ms]"}
_UNITS = {"date32": ["day"], "date64": ["ms"], "time32": ["s", "ms"], "time64": ["us", "ns"], "timestamp": ["s", "ms", "us", "ns"],
          "duration": ["s", "ms", "us", "ns"]}
_DECIMAL_DIGITS = {32: 9, 64: 18, 128: 38, 256: 76}


class ArrowError(pickle.UnpicklingError):
    """A pickle holds pyarrow data that is damaged or cannot be represented without pyarrow."""


class DataType:
    """A type: its kind, its text, and the parameters of the kind as attributes."""

    def __init__(self, kind, text=None, **parameters):
        self.kind, self.text = kind, text or kind
        self.__dict__.update(parameters)

    def __str__(self):
        return self.text

    def __repr__(self):
        return f"DataType({self.text})"

    def __eq__(self, other):
        return isinstance(other, DataType) and self.text == other.text

    def __hash__(self):
        return hash(self.text)


class Field:
    """A column of a table or of a struct."""

    def __init__(self, name, type, nullable=True, metadata=None):
        self.name, self.type, self.nullable, self.metadata = name, type, nullable, metadata

    def __str__(self):
        return f"{self.name}: {self.type}" + ("" if self.nullable else " not null")

    def __repr__(self):
        return f"Field<{self}>"


class Schema(list):
    """The fields of a table."""

    def __init__(self, fields, metadata=None):
        super().__init__(fields)
        self.metadata = metadata

    @property
    def names(self):
        return [f.name for f in self]

    @property
    def types(self):
        return [f.type for f in self]


def type_for_alias(name):
    name = _text(name, "the name of a type").lower()
    name = _SYNONYMS.get(name, name)
    if name in _PLAIN:
        return DataType(name, dtype=NUMBERS.get(name))
    kind, _, unit = name.removesuffix("]").partition("[")
    if unit in _UNITS.get(kind, ()):
        return DataType(kind, name, unit=unit, tz=None)
    raise ArrowError(f"pyarrow's type {name!r} cannot be loaded: a cell has no pyarrow")


def timestamp(unit, tz=None):
    plain = type_for_alias(f"timestamp[{unit}]")
    return plain if tz is None else DataType("timestamp", f"timestamp[{unit}, tz={_text(tz, 'a time zone')}]", unit=unit, tz=tz)


def binary(width=-1):
    return type_for_alias("binary") if width == -1 else DataType("fixed_size_binary", f"fixed_size_binary[{width}]", width=_count(width))


def _decimal(bits):
    def decimal(precision, scale=0):
        if not (_count(precision) and 1 <= precision <= _DECIMAL_DIGITS[bits] and isinstance(scale, int) and abs(scale) <= 1000):
            raise ArrowError(f"pyarrow's decimal{bits}({precision}, {scale}) is not a type")
        return DataType("decimal", f"decimal{bits}({precision}, {scale})", width=bits // 8, scale=scale)

    return decimal


decimal32, decimal64, decimal128, decimal256 = (_decimal(bits) for bits in _DECIMAL_DIGITS)


def list_(value, size=-1):
    item = _item(value)
    if size == -1:
        return DataType("list", f"list<{item}>", item=item)
    return DataType("fixed_size_list", f"fixed_size_list<{item}>[{size}]", item=item, size=_count(size))


def large_list(value):
    item = _item(value)
    return DataType("large_list", f"large_list<{item}>", item=item)


def map_(key, item, keys_sorted=False):
    key, item = _item(key), _item(item)
    return DataType("map", f"map<{key.type}, {item.type}>")


def struct(fields):
    fields = _fields(fields)
    return DataType("struct", f"struct<{', '.join(map(str, fields))}>", fields=fields)


def dictionary(index_type, value_type, ordered=False):
    index_type, value_type = _type(index_type), _type(value_type)
    if "int" not in index_type.kind:
        raise ArrowError(f"pyarrow's dictionary has indices of type {index_type}")
    text = f"dictionary<values={value_type}, indices={index_type}, ordered={int(bool(ordered))}>"
    return DataType("dictionary", text, index=index_type, value=value_type, ordered=bool(ordered))


def field(name, type, nullable=True, metadata=None):
    return Field(_text(name, "the name of a field"), _type(type), bool(nullable), _metadata(metadata))


def schema(fields, metadata=None):
    return Schema(_fields(fields), _metadata(metadata))


def _type(value):
    if not isinstance(value, DataType):
        raise ArrowError(f"a {type(value).__name__} stands where pyarrow has a type")
    return value


def _item(value):
    return value if isinstance(value, Field) else Field("item", _type(value))


def _fields(fields):
    if not isinstance(fields, (list, tuple)) or not all(isinstance(f, Field) for f in fields):
        raise ArrowError("the fields of a pyarrow schema or struct are not a list of fields")
    return list(fields)


def _metadata(value):
    if value is not None and not isinstance(value, dict):
        raise ArrowError("the metadata of a pyarrow field or schema are not a dictionary")
    return value


def _text(value, meaning):
    if not isinstance(value, str):
        raise ArrowError(f"{meaning} in a pyarrow pickle is a {type(value).__name__}, not a text")
    return value


def _count(value):
    if type(value) is not int or value < 0:
        raise ArrowError(f"a size in a pyarrow pickle is {value!r}")
    return value
