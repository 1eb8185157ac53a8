"""record.py [N]: prints what Python's package "packaging" says about versions, conditions and markers,
as lines of fields separated by tabs. The tests read its output from packaging.txt. N is the number
of lines of each kind.

    python record.py 1500 > packaging.txt
"""
import random
import sys

from packaging.markers import UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

N = int(sys.argv[1])
RELEASES = "0.9 1 1.0 1.0.0 1.2 v1.2 1.2.0 1.2.3 1.2.10 1.10 2 2.0.1 2026.11.19 1!1.0 01.02".split()
SUFFIXES = ["", *"a1 b2 rc1 .dev0 .post1 a1.dev3 .post1.dev2 -1 rc1.post2 alpha1 .pre3 -beta c1 preview RC2 +local +1.2 +ubuntu-1 .post _post3 .rev2".split()]
STRANGE = ["", "x", "1.", "1..2", "1.0.x", "1.0-", "1a", "1.0+", "1.0+A_b", "1.0+a..b", "!1", "1!", "1 .0", " 1.0 ", "1.0.DEV", "1.0-rc.1", "1.0.post-1",
           "1.0--1", "1_0", "\u0661.0", "999999999999999999999999.1", "1.0.dev-"]
OPERATORS = "== != >= <= > < ~= ===".split()
CONDITIONS = ["", ">=1.0,", "1.0", ">= 1.0 , != 1.2", "=1.0", ">=abc", "~=1", "==1.*.2", "<2,>=1!0", "=>1", "==", ">=1.0;", "==1.2.*,<1.2.3"]
ENVIRONMENT = {"implementation_name": "cpython", "implementation_version": "3.13.15", "os_name": "posix", "platform_machine": "wasm32",
               "platform_python_implementation": "CPython", "platform_release": "0.0.0", "platform_system": "wasi", "platform_version": "0.0.0",
               "python_full_version": "3.13.15", "python_version": "3.13", "sys_platform": "wasi"}
VALUES = ["3.8", "3.13", "3.13.15", "3.14", "3.13.*", "3", "wasi", "linux", "win32", "posix", "nt", "CPython", "PyPy", "Windows", "socks", "Dev_Test", ""]
REQUIREMENTS = [
    "numpy", "numpy>=1.26", "numpy >=1.26,<3", "numpy (>=1.26,<3)", "Requests[security, Socks_5]>=2.8", "a.b-c_d~=1.4.2", "x[]", "x[a b]", "x>=1 y", "-x", "x-",
    "x @ https://example.org/x.whl", "x@https://example.org/x;y.whl ; python_version < '3'", "x @", "x; ", "x;", "x; python_version", "x; '1' == '1'",
    "x; python_version < 3", "x; python_version < '3' and", "x; (python_version < '3'", "x; python_version<'4'and(os_name=='nt'or sys.platform=='wasi')",
    "x; os.name == 'posix'", "x; platform.python_implementation != 'PyPy'", "x; nonsense == '1'", "x; python_version not in '3.12, 3.13'", "x; 'as' in sys_platform",
    "x; extra == 'dev-test'", "x>=2.*", "x ==1.*", "x (1.0)", "x>=1.0 ; extra=='socks' and python_version>='3.9'",
]


def version():
    return random.choice(RELEASES) + random.choice(SUFFIXES)


def condition():
    tail = random.choice([".*", "a1.*"]) if random.random() < 0.1 else random.choice(SUFFIXES)
    return random.choice(OPERATORS) + random.choice(["", " "]) + random.choice(RELEASES) + tail


def comparison():
    sides = [random.choice([*ENVIRONMENT, "extra"]), "'%s'" % random.choice(VALUES)]
    if random.random() < 0.2:
        sides.reverse()
    return f" {random.choice(['==', '!=', '<', '<=', '>', '>=', 'in', 'not in'])} ".join(sides)


def marker():
    text = comparison()
    for _ in range(random.choice([0, 1, 2])):
        text = f"{random.choice(['', '('])}{text} {random.choice(['and', 'or'])} {comparison()}"
    return text + ")" * text.count("(")


def print_version(text):
    try:
        print("version", text, Version(text), sep="\t")
    except InvalidVersion:
        print("version", text, "invalid", sep="\t")


def print_condition(text, version):
    try:
        print("condition", text, version, SpecifierSet(text).contains(version, prereleases=True), sep="\t")
    except InvalidSpecifier:
        print("condition", text, version, "invalid", sep="\t")


def print_requirement(text, extra):
    try:
        r = Requirement(text)
        applies = r.marker is None or r.marker.evaluate(ENVIRONMENT | {"extra": extra})
        print("requirement", text, extra, f"{canonicalize_name(r.name)} [{','.join(sorted(map(canonicalize_name, r.extras)))}] {applies}", sep="\t")
    except (InvalidRequirement, UndefinedEnvironmentName):
        print("requirement", text, extra, "invalid", sep="\t")


random.seed(5)
for text in STRANGE + [version() for _ in range(N // 10)]:
    print_version(text)
for _ in range(N):
    a, b = version(), version()
    print("order", a, b, (Version(a) > Version(b)) - (Version(a) < Version(b)), sep="\t")
for text in CONDITIONS + [", ".join(condition() for _ in range(random.choice([1, 1, 1, 2]))) for _ in range(N)]:
    print_condition(text, version())
for text in REQUIREMENTS + ["x; " + marker() for _ in range(N)]:
    print_requirement(text, random.choice(["", "socks", "dev-test"]))
