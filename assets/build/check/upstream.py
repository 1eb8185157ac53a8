"""upstream.py FOLDER [UNNAMED.txt]: the table of UPSTREAM.md from what cmd/tabcell/upstream_test.go left in FOLDER, a file for each file of tests.

Failures are sorted by what they say; those that no class takes are counted as unexplained, and listed in UNNAMED.txt."""
import collections
import os
import re
import sys

# Class, what its failures say (text or name of the test), reason. The first that matches takes the failure.
CLASSES = [
    ("test-only modules", r"rational|_struct_ufunc_tests|unrecognized type|test_simd|_simd'|ilp64_test",
     "compiled modules that only tests need are not in the guest"),
    ("no files to write", r"FileNotFoundError: .*'/(tmp|dev)|No usable temporary|variable 'tempdir'", "a cell has no file system"),
    ("parameters left out", r"broke down: wasm error: unreachable",
     "true defect, the cell ends: numpy calls functions by a pointer with more parameters than they have (a.dtype = ..., copy.copy of a scalar;"
     " most of these tests use the private _get_castingimpl): numpy/03-parameters-of-methods.patch"),
    ("lengths of texts", r"test_(defchararray|strings|stringdtype)\.py.*(?<!nonzero-expected1\])$",
     "true defect, wrong numbers: numpy.char and numpy.strings write lengths and positions as int32 into int64 arrays:"
     " numpy/04-lengths-of-texts.patch"),
    ("positions in a private call", r"test_absolute_errors_precomputation", "the test hands int64 positions to a function that estimators call with intp"),
    ("intp buffer", r"Buffer dtype mismatch",
     "true defect: default integers (int64) meet a Cython buffer of positions (intp, int32): pandas/02-block-numbers-as-intp.patch"),
    ("no ctypes", r"foreign functions are not available", "a cell has no foreign code to call"),
    ("intp is int32", r"int64.{0,40}int32|int32.{0,40}int64|test_default_dtypes", "positions are int32 here and the test expects, or names, 64 bits"),
    ("no test data", r"Could not find file|testset-\d.csv", "the data file is not in the source distribution, or not in the guest"),
    ("no processes, no descriptors", r"does not support processes|_pytest/capture.py", "a cell starts no process and duplicates no stream"),
    ("no threads", r"can't start new thread|can't start thread", "a cell has one thread"),
    ("floating-point flags", r"FloatingPointError|RuntimeWarning|test_kink|did not warn|DID NOT WARN|DID NOT RAISE.*FloatingPoint",
     "WebAssembly has no floating-point status: no warnings of division by zero, overflow, invalid values"),
]


def events(path):
    """(test, outcome, text) of each test of a file; test is "" for what concerns the whole file."""
    test = ""
    with open(path, encoding="utf-8", errors="replace") as f:
        for line in f.read().splitlines():
            if line.startswith("> "):
                test = line.split(" ", 2)[2]
            elif line.startswith("< "):
                outcome, _, text = line[2:].partition(" ")
                yield test, outcome if test else "file " + outcome, text
                test = ""
            elif line.startswith("! "):
                outcome, _, text = line[2:].partition(" ")
                yield "", "file " + outcome, text


def folder(name):
    return name.partition(".tests")[0].replace(".", "/") + ("/tests/" + name.split(".")[2] if name.startswith("pandas") else "")


def class_of(test, text):
    for name, pattern, _ in CLASSES:
        if re.search(pattern, text) or re.search(pattern, test.partition("[")[0]):
            return name
    return "unexplained"


def main(root, unnamed=os.devnull):
    counts = collections.defaultdict(collections.Counter)
    classes, examples = collections.defaultdict(collections.Counter), {}
    skips = collections.Counter()
    with open(unnamed, "w") as rest:
        for name in sorted(os.listdir(root)):
            where = folder(name)
            for test, outcome, text in events(os.path.join(root, name)):
                counts[where][outcome] += 1
                if outcome in ("skipped", "file skipped"):
                    skips[skip_reason(text)] += 1
                if outcome in ("failed", "crashed", "file failed", "file crashed"):
                    c = class_of(test, text)
                    classes[c][where] += 1
                    examples.setdefault(c, test or name)
                    if c == "unexplained":
                        print(test or name, text, file=rest)
    tell(counts, classes, examples, skips)


def skip_reason(text):
    return re.sub(r"\d+(\.\d+)*", "N", text.removeprefix("Skipped: "))[:100]


def tell(counts, classes, examples, skips):
    print("| folder | tests | passed | failed | skipped | xfailed | crashed | files not collected |\n|---|--:|--:|--:|--:|--:|--:|--:|")
    total = collections.Counter()
    for where, c in sorted(counts.items()):
        total += c
        row(where, c)
    row("all", total)
    print("\n| failures | class | folders | for example | reason |\n|--:|---|---|---|---|")
    reasons = {name: reason for name, _, reason in CLASSES}
    for c, places in sorted(classes.items(), key=lambda item: -item[1].total()):
        where = ", ".join(f"{p} {n}" for p, n in places.most_common())
        print(f"| {places.total()} | {c} | {where} | `{examples[c]}` | {reasons.get(c, '')} |")
    print("\n| skipped | what pytest says |\n|--:|---|")
    for text, n in skips.most_common(25):
        print(f"| {n} | {text} |")


def row(where, c):
    tests = sum(n for outcome, n in c.items() if not outcome.startswith("file"))
    print("|", " | ".join(map(str, [where, tests, c["passed"], c["failed"], c["skipped"], c["xfailed"], c["crashed"],
                                    c["file failed"] + c["file crashed"] + c["file skipped"]])), "|")


main(*sys.argv[1:])
