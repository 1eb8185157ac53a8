"""JSON schemas from examples, as TabPy's client makes them with the package genson."""

_NAMES = {type(None): "null", bool: "boolean", int: "integer", float: "number", str: "string"}


class _Schema:
    """The schema of all values that were added."""

    def __init__(self):
        self.simple = set()  # names of types
        self.parts = {}  # of arrays and objects, in the order of their first values

    def add(self, value):
        if isinstance(value, list):
            items = self.parts.setdefault("array", _Schema())
            for item in value:
                items.add(item)
        elif isinstance(value, dict):
            self.parts.setdefault("object", _Object()).add(value)
        elif type(value) in _NAMES:
            self.simple.add(_NAMES[type(value)])
        else:
            raise TypeError(f"an example must consist of JSON's types, not {type(value).__name__}")

    def to_dict(self):
        names = sorted(self.simple - ({"integer"} if "number" in self.simple else set()))
        options = [{"type": names[0] if len(names) == 1 else names}] if names else []
        for name, part in self.parts.items():
            if name == "object":
                options.append(part.to_dict())
            else:
                items = part.to_dict()
                options.append({"type": "array", "items": items} if items else {"type": "array"})
        return {"anyOf": options} if len(options) > 1 else options[0] if options else {}


class _Object:
    """The schema of objects: the required properties are those that all have."""

    def __init__(self):
        self.properties = {}
        self.required = None

    def add(self, value):
        for key, item in value.items():
            self.properties.setdefault(key, _Schema()).add(item)
        self.required = set(value) if self.required is None else self.required & set(value)

    def to_dict(self):
        schema = {"type": "object"}
        if self.properties:
            schema["properties"] = {key: part.to_dict() for key, part in self.properties.items()}
        if self.required:
            schema["required"] = sorted(self.required)
        return schema


def _describe(example, description):
    """Returns the schema of an example with the descriptions of its properties, or of itself."""
    schema = _Schema()
    schema.add(example)
    result = schema.to_dict()
    if description is None:
        return result
    if ("properties" in result) != isinstance(description, dict):
        raise Exception(f"{example} and {description} do not match")
    if "properties" not in result:
        return result | {"description": description}
    for key, text in description.items():
        if key not in result["properties"]:
            raise Exception(f"{key} not found in {example}")
        result["properties"][key]["description"] = text
    return result


def generate_schema(input, output, input_description=None, output_description=None):
    """Returns the schema of a function, for Client.deploy: {"input", "sample", "output"}."""
    input_schema = _describe(input, input_description)
    return {"input": input_schema, "sample": input, "output": _describe(output, output_description)}
