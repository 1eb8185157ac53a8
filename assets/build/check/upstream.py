"""upstream.py FOLDER [UNEXPLAINED.txt]: prints the tables of UPSTREAM.md.

FOLDER is the folder TABCELL_UPSTREAM of cmd/tabcell/internal/e2e/upstream/upstream_test.go: out/
holds the results, one file for each file of tests, and tests-GUEST.txt list all files of tests.
Failures are classified by their text or the name of the test. Failures without a class are counted
as unexplained and listed in UNEXPLAINED.txt."""
import collections
import os
import re
import sys

LIMIT, TEST = "Limits of the platform", "Expectations of the test only"
OTHER = "Unexplained"

# Kind, class, pattern of the failure's text or the test's name, reason. The first match determines
# the class.
CLASSES = [
    (TEST, "names of test modules", r"tests\.test_\w+|test_create_model\.py::test_create_model$|test_(deprecated_validate_arguments|validate_call)\.py::test_wrap"
     r"|test_deprecated_validate_arguments\.py::test_positional_only|test_generics\.py::test_(double_parameterize_error|must_inherit_from_generic|parameter_count)"
     r"|test_type_alias_type\.py::test_circular_type_aliases|::test_multiple_models_with_same_qualname",
     "the tests of pydantic expect their modules under the name tests; here they are below pydantic"),
    (LIMIT, "test-only modules", r"rational|_struct_ufunc_tests|unrecognized type|test_simd|_simd'|ilp64_test|test_cython_api_deprecation",
     "compiled modules that only tests need are not in the guest"),
    (LIMIT, "mapped files", r"memory-mapped files are not available", "the guest of this run could not map files; maps are copies now (guest/lib/mmap.py)"),
    (TEST, "RandomState is 64 bits wide", r"test_randomstate(_regression)?\.py::(test_integer_(dtype|repeat)|TestRegression::test_choice_return_dtype"
     r"|TestRandomDist::test_(tomaxint|poisson_exceptions))|test_random\.py::TestRandomDist::test_poisson_exceptions",
     "the legacy generators draw and return int64 as on 64-bit Linux (numpy/04-randomstate-int64.patch); the tests require the width of C's long, 32 bits here"),
    (LIMIT, "no ctypes", r"foreign functions are not available", "a cell cannot call foreign code"),
    (TEST, "no test data", r"Could not find file|testset-\d.csv|TestStata::test_repeated_column_labels", "the data file is not in the source distribution, or not in the guest"),
    (LIMIT, "no processes, no descriptors", r"does not support processes|processes are not available|_pytest/capture.py",
     "a cell cannot start processes or duplicate streams (workers=2 is rejected; workers=1, the default, works)"),
    (LIMIT, "no threads", r"can't start new thread|can't start thread|has been built without OpenMP", "a cell has one thread"),
    (LIMIT, "floating-point flags", r"FloatingPointError|RuntimeWarning|did not warn|DID NOT WARN|DID NOT RAISE.*FloatingPoint|test_check_overflow_message",
     "WebAssembly has no floating-point status, so there are no warnings about division by zero, overflow and invalid values"),
    (TEST, "last digits", r"TestSchur::test_simple|test_solve_generalized_discrete_are|test_datafriendly_pow|TestMinimumPhase::test_nyquist|test_logexp_safe|test_halley_collections",
     "rounding: 2.0e-11 where 1.5e-11 is allowed, 1.2e-5 where 1e-5 is; a quadrature returns exactly the number that it should only approximate; Halley's "
     "method with a tolerance of 4 eps does not converge with an np.power that is within one ulp"),
    (TEST, "callbacks of test modules", r"test_c_api\.py::test_(generic_filter1d|geometric_transform)",
     "_ctest parses a position of 64 bits as one of 32, and declares int arguments of a callback as positions"),
    (TEST, "warnings of Pyodide", r"::test_zero_collinear", "the test expects no warnings on WebAssembly, because Pyodide gives none; a cell gives those of other platforms"),
    (TEST, "no help()", r"name 'help' is not defined", "the module site, which defines help for interactive use, is not loaded in a cell"),
    (TEST, "rapidfuzz in Python", r"test_process\.py::test_extract\w*_exceptions",
     "the Python modules of rapidfuzz do not raise TypeError for a query that is not text, natively neither"),
    (LIMIT, "corpora of textblob", r"MissingCorpusError", "the corpora of noun phrases and movie reviews have licences that forbid their distribution"),
    (TEST, "newer pandas", r"Pandas4Warning|test_openml\.py::test_fetch_openml", "the library calls a method of pandas that this version of pandas deprecates; the tests take warnings for errors"),
    (TEST, "paths of rounding", r"TestTTPowerOneS1::test_roots|test_lme\.py::test_singular",
     "the lower tail of scipy's noncentral t distribution is NaN where rounding makes it negative, natively at other arguments; an optimizer on the boundary "
     "of its parameters ends in a singular matrix, natively a step before it"),
    (TEST, "C's long as int64", r"test_scalar_type$|TestScalarTypeNames::test_names_are_unique|test_constructor_signatures"
     r"|TestScalarPEP3118::test_scalar_code_and_properties",
     "np.int64 is C's long long (code q), and np.long a type of the same size; on 64-bit Linux np.int64 is C's long (code l)"),
    (LIMIT, "sizes of 32 bits", r"test_nditer\.py::test_iter_too_large|test_mio\.py::test_large_m4", "memory has addresses of 32 bits, so this error comes earlier, with another text"),
    (TEST, "compilers", r"pythoncapi.compat", "the tests of a vendored header compile C"),
    (LIMIT, "no clipboard", r"test_clipboard\.py::", "a cell has no clipboard, and no processes that could have one"),
    (LIMIT, "no network", r"no grant of this server allows a connection|sockets of the families AF_INET|test_(network|http_headers|file_buffer_url)\.py"
     r"|setup: .*s3_bucket_public", "a cell has no network; scikit-learn's callbacks talk to a process that they start, and tests of pandas to a server of pytest-localserver"),
    (LIMIT, "files of /tmp", r"of a cell holds at most \d+ files|could not create numbered dir|_pytest/pathlib\.py", "tests leave a folder each, and /tmp holds 1000 files and folders"),
    (LIMIT, "no JPEG", r"coder jpeg not available", "Pillow has no JPEG in the guest"),
    (LIMIT, "modules without files", r"no attribute '__file__'|AttributeError: __file__", "compiled modules are part of the guest and have no files"),
    (TEST, "files that are left out", r"numpy\._core\.include|test_api_importable|numpy\.core\.src|test_warning_calls|TestIsFile",
     "f2py, headers, source text and type stubs are not in the guest"),
    (TEST, "nullable sums", r"TestMaskedArrays::test_(accumulate_series|reduce_frame|reduce_series_numeric)"
     r"|::test_(iset_split_block|df_empty_nullable_min_count_0|reindex_tzaware_fill_value)",
     "a sum of small nullable integers is Int64 as on 64-bit Linux; the tests expect Int32 where pointers have 32 bits"),
    (LIMIT, "no pyarrow", r"could not import 'pyarrow'|test_pyarrow_not_installed_raises|test_pyarrow_string_import_error|test_pandas_dtype_string_dtype_alias_with_storage"
     r"|test_size\.py::test_size_strings|test_value_counts\.py::test_compound",
     "pyarrow is not in the guest; pandas' texts of pyarrow are Python's there, so that pickles load: they raise no ImportError, and equal Python's"),
    (LIMIT, "modules that are not in the guest", r"could not import 'tables'|Import matplotlib. failed",
     "PyTables is not in the guest, and matplotlib not in the core guest"),
    (LIMIT, "mapped memory", r"memory that belongs to no file cannot be mapped", "a cell maps files only"),
    (LIMIT, "no home folder", r"Could not determine home directory|types/test_path\.py::|::test_expand_user", "a cell has no users and few folders"),
    (LIMIT, "jumps of SuperLU", r'failed with "longjmp"', "SuperLU aborts a few factorizations by longjmp, which WebAssembly does not have: the cell ends"),
    (LIMIT, "exceptions of C++", r'failed with "St9bad_alloc"', "an exception of C++ ends the cell"),
    (TEST, "positions of 64 bits", r"test_cython_special_abi_stability", "functions of cython_special take positions of 64 bits, not Py_ssize_t; only the guest's own modules call them"),
    (LIMIT, "parts of scipy", r"scipy\.odr is not part of tabcell|Matrix Market reader is not part of tabcell|_test_ccallback|_test_multivariate|_test_internal",
     "Fortran and threads are not available, and modules that only tests need are not in the guest"),
    (LIMIT, "lxml.isoschematron", r"cannot import name 'isoschematron'", "it is left out of lxml, because some of its stylesheets have no licence"),
    (LIMIT, "no C headers", r"ETreeOnlyTestCase::test_include_paths|PyCapsule_SetName", "the guest has no headers of C, and few functions of CPython's C interface for ctypes"),
    (TEST, "tests without their classes", r"\.py::_\w+::|FeedTestCase::|test_\w+\.py::test_suite",
     "lxml's own runner leaves out the base classes of tests and the functions that make suites; pytest takes them for tests"),
    (TEST, "pytest's rewriting of assertions", r"StashKey|test_config_validation_error_cause|test_dataclass_config_validate_default",
     "pydantic's tests make modules by pytest's rewriting of assertions, which is off"),
    (TEST, "files after each other", r"test_plugins\.py::|No module named 'time_machine'",
     "the test needs a model that another file of tests has made before, or a package that is not installed"),
    (TEST, "no capturing", r"::test_import_string_sys_stdout", "the test fails while pytest captures streams, as its mark says; here it passes"),
    (LIMIT, "no source text", r"test_type_checking_model_dump_signature|::test_fftpack_import",
     "the guest has compiled modules only, and the test reads a module's source"),
    (TEST, "functions at exit", r"test_testing\.py::test_(tempmemmap|create_memmap_backed_data)",
     "the test expects that only scikit-learn registers a function that runs at exit; the first finalizer of a map registers one as well (weakref)"),
    (TEST, "unittest.main", r"test_regex\.py::test_main", "pytest takes unittest's entry point for a test; it finds no tests in pytest's own module"),
    (TEST, "128-bit integers", r"test_sizeof_LARGEST_INT_t|test_csr_polynomial_expansion_windows_fail",
     "the tests expect that a 32-bit platform has none, and an error for a large expansion; this platform has them"),
]


def events(path):
    """Yields (test, outcome, text) for each result in a file; test is "" for results of the whole file."""
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
    """Returns the folder under which the results in the file of the given name are counted."""
    before, _, after = ("." + name).partition(".tests.")
    parts = before.split(".")[1:] or ["rapidfuzz"]
    return "/".join(parts[:2] if len(parts) > 1 else [*parts, "tests", *after.split(".")[:-2][:1]])


def library(name):
    return folder(name).partition("/")[0]


def class_of(test, text):
    for _, name, pattern, _ in CLASSES:
        if re.search(pattern, text) or re.search(pattern, test.partition("[")[0]):
            return name
    return "unexplained"


def main(root, unexplained=os.devnull):
    counts = collections.defaultdict(collections.Counter)
    classes, examples = collections.defaultdict(collections.Counter), {}
    skips = collections.Counter()
    results = os.path.join(root, "out")
    with open(unexplained, "w") as out:
        for name in sorted(os.listdir(results)):
            where = folder(name)
            for test, outcome, text in events(os.path.join(results, name)):
                counts[where][outcome] += 1
                if outcome in ("skipped", "file skipped"):
                    skips[skip_reason(text)] += 1
                if outcome in ("failed", "crashed", "file failed", "file crashed"):
                    c = class_of(test, text)
                    classes[c][where] += 1
                    examples.setdefault(c, test or name)
                    if c == "unexplained":
                        print(test or name, text, file=out)
    print_share(root, set(os.listdir(results)))
    print_tables(counts, classes, examples, skips)


def print_share(root, ran):
    """Prints how many files of each library ran, and the folders whose files all ran."""
    files = collections.defaultdict(lambda: collections.defaultdict(list))
    for guest in ("core", "full"):
        with open(os.path.join(root, f"tests-{guest}.txt")) as f:
            for name in f.read().split():
                files[library(name), guest][folder(name)].append(name in ran)
    print("| library | guest | files run | files | folders run completely |\n|---|---|--:|--:|---|")
    for key, folders in sorted(files.items()):
        every = sum(folders.values(), [])
        complete = "all" if all(every) else ", ".join(sorted(f for f, done in folders.items() if all(done)))
        print("|", " | ".join(map(str, [*key, sum(every), len(every), complete])), "|")
    print()


def skip_reason(text):
    return re.sub(r"\d+(\.\d+)*", "N", text.removeprefix("Skipped: "))[:100]


def print_tables(counts, classes, examples, skips):
    print("| folder | tests | passed | failed | skipped | xfailed | crashed | files not collected |\n|---|--:|--:|--:|--:|--:|--:|--:|")
    total = collections.Counter()
    for where, c in sorted(counts.items()):
        total += c
        print_row(where, c)
    print_row("all", total)
    for kind in (LIMIT, TEST, OTHER):
        print_failures(kind, classes, examples)
    print("\n### Skipped tests\n\n| skipped | pytest's reason |\n|--:|---|")
    for text, n in skips.most_common(25):
        print(f"| {n} | {text} |")


def print_failures(kind, classes, examples):
    reasons = {name: reason for k, name, _, reason in CLASSES if k == kind} if kind != OTHER else {"unexplained": ""}
    names = sorted((c for c in classes if c in reasons), key=lambda c: -classes[c].total())
    if not names:
        return
    print(f"\n### {kind}: {sum(classes[c].total() for c in names)}\n\n| failures | class | folders | for example | reason |\n|--:|---|---|---|---|")
    for c in names:
        where = ", ".join(f"{p} {n}" for p, n in classes[c].most_common())
        print(f"| {classes[c].total()} | {c} | {where} | `{examples[c]}` | {reasons[c]} |")


def print_row(where, c):
    tests = sum(n for outcome, n in c.items() if not outcome.startswith("file"))
    print("|", " | ".join(map(str, [where, tests, c["passed"], c["failed"], c["skipped"], c["xfailed"], c["crashed"],
                                    c["file failed"] + c["file crashed"] + c["file skipped"]])), "|")


main(*sys.argv[1:])
