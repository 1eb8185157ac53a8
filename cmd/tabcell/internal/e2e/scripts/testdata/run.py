"""Runs the scripts of a family. It is appended to described.py, natively and in the guest."""


def run_family(text, names=None, backwards=False):
    """Return the described result of each script by name, or only of the named scripts."""
    setup, scripts = parse_family(text)
    chosen = {k: v for k, v in scripts.items() if names is None or k in names}
    order = reversed(chosen) if backwards else chosen
    compiled_setup = compile(setup, "setup", "exec")
    found = {name: _result(lambda: _run(compiled_setup, scripts[name])) for name in order}
    return {name: found[name] for name in chosen}


def parse_family(text):
    """Return the text of the section setup, and the scripts by name."""
    import re

    parts = re.split(r"(?m)^-- (.+) --\n", text)
    setup, scripts = "", {}
    for name, script in zip(parts[1::2], parts[2::2]):
        if name == "setup":
            setup = script
            continue
        for expanded, body in _expanded(name, script):
            if expanded in scripts:
                raise ValueError(f"there are two scripts with the name {expanded}")
            scripts[expanded] = body
    return setup, scripts


def _expanded(name, script):
    """Yield the names and texts that a script with a line "# each X: a | b" stands for."""
    first, _, body = script.partition("\n")
    if not first.startswith("# each "):
        yield name, script
        return
    word, _, values = first.removeprefix("# each ").partition(":")
    for value in values.split(" | "):
        value = value.strip()
        yield from _expanded(name.replace(word, value), body.replace(word, value))


def _run(setup, script):
    """Run a script as the body of a function and return its result."""
    import ast

    tree = ast.parse("def script():\n    pass")
    body = ast.parse(script).body
    if isinstance(body[-1], ast.Expr):
        body[-1] = ast.copy_location(ast.Return(body[-1].value), body[-1])
    tree.body[0].body = body
    namespace = {"__name__": "script"}
    exec(setup, namespace)
    exec(compile(tree, "script", "exec"), namespace)
    return namespace["script"]()
