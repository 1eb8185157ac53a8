package scripts

import "tabcell/cmd/tabcell/internal/e2e/compare"

const (
	hashes         = "hashes have 32 bits in the guest: large numbers, floats and tuples have others, and a set has another order"
	sizes          = "sizes have 32 bits in the guest"
	errno          = "WASI has error numbers of its own"
	typeCodes      = "int64 is C's long long in the guest, which has another type code than C's long"
	noSystem       = "the module is an interface to an operating system, which a cell does not have"
	longText       = "OverflowError as in a native Python, with the text of a conversion to C's long long"
	flatLikelihood = "natively, series that differ by a factor of 1e-13 also give other orders: fits near the unit circle end where rounding leads them"
	distributions  = "LightGBM draws with std::uniform_int_distribution, whose method differs between libc++ and libstdc++"
	uint32s        = "natively, numbers beyond uint32 have two results: one if adjacent numbers are converted together, and the guest's otherwise"
)

// accepted lists the scripts in testdata whose results differ between the guest and a
// native Python, with the reasons. A listed script that does not differ fails.
var accepted = []compare.Gap{
	{File: "lightgbm_models", Reason: distributions, Names: []string{"regressor: use_quantized_grad=True, n_estimators=10, random_state=4"}},
	{File: "pmdarima_arima", Reason: flatLikelihood, Names: []string{"forecast of a worksheet", "orders without seasons", "orders with seasons", "text"}},
	{File: "stdlib_builtins", Reason: hashes, Names: []string{"int: hash", "float: hash", "tuple: hash"}},
	{File: "stdlib_containers", Reason: hashes, Names: []string{
		"order of a set of -1, -2, 0, -100", "order of a set of 10**10, 3, 2**40, 7", "order of a set of 1e10, 0.1, 0.2, 0.3, 1e300",
		"order of frozensets and dicts",
	}},
	{File: "stdlib_builtins", Reason: sizes, Names: []string{"range", "sizes of objects", "sys"}},
	{File: "stdlib_mathematics", Reason: sizes, Names: []string{"Decimal: contexts"}},
	{File: "stdlib_text", Reason: sizes + ", and so have repetition numbers", Names: []string{"large repeats"}},
	{File: "pandas_columns", Reason: sizes + ", and so have pointers", Names: []string{"category: c.memory_usage(index=False)"}},
	{File: "stdlib_builtins", Reason: errno, Names: []string{"float: overflow"}},
	{File: "stdlib_dates", Reason: errno, Names: []string{"timestamp too large"}},
	{File: "pandas_frames", Reason: errno, Names: []string{`fails: pd.read_json("{bad")`}},
	{File: "stdlib_objects", Reason: noSystem, Names: []string{
		"import: modules of the library curses", "import: modules of the library fcntl", "import: modules of the library grp",
		"import: modules of the library pty", "import: modules of the library pwd", "import: modules of the library readline",
		"import: modules of the library resource", "import: modules of the library syslog", "import: modules of the library termios",
		"import: modules of the library tkinter", "import: modules of the library venv",
	}},
	{File: "numpy_casts", Reason: typeCodes, Names: []string{
		"names and sizes of l", "names and sizes of L", "names and sizes of p", "names and sizes of P", "names and sizes of n",
		"names and sizes of N", "types of platform",
	}},
	{File: "stdlib_data", Reason: sizes + ", and so have pointers", Names: []string{"ctypes sizes"}},
	{File: "stdlib_data", Reason: "the format of a buffer of 64-bit longs is q, which means the same", Names: []string{"array: long holds 64 bits"}},
	{File: "numpy_positions", Reason: typeCodes, Names: []string{"as keys of Python"}},
	{File: "numpy_casts", Reason: uint32s, Names: []string{"float64 to uint32", "float32 to uint32"}},
	{File: "stdlib_data", Reason: longText, Names: []string{"csv: no limit 2**63"}},
	{File: "answers_numbers", Reason: compare.NoFlags + "; arithmetic neither warns nor raises", Names: []string{"errstate that raises", "warnings of numpy"}},
	{File: "text_libraries", Reason: "setmedian has the smallest sum of distances in the guest, 19; the compiled function returns a text with 20", Names: []string{"Levenshtein: many texts"}},
	{File: "scipy_numerics", Reason: "QhullError as in a native Python, but raised before Qhull is called, with a different text", Names: []string{"spatial: ConvexHull([[0, 0], [1, 1], [2, 2]])"}},
}
