import json, traceback
def kinds():
    for text in ("1/0", "[][1]", "{}['x']", "None.x", "int('a')", "'a' + 1", "undefined", "(lambda: 1)(2)", "10**400 * 1.0", "'\\ud800'.encode()", "b'\\xff'.decode()", "[1, 2][::0]",
                 "__import__('nothing')", "open('/x')", "next(iter([]))", "json.loads('[1,]')", "exec('a b')", "range(1.5)", "sum(['a'])", "'%d' % 'a'", "float('x')"):
        try:
            eval(text)
        except Exception as e:
            yield [text, type(e).__name__, str(e)]
def deep(n):
    return deep(n + 1)
try:
    deep(0)
except RecursionError as e:
    limit = str(e)
try:
    raise ExceptionGroup("g", [ValueError(1), TypeError(2)])
except ExceptionGroup as group:
    seen = [str(x) for x in group.exceptions]
return [list(kinds()), limit, seen]
