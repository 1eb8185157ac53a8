package tck

// Gap is a case whose response is meant to differ from TabPy's.
type Gap struct {
	Group, Case string
	Reason      string
	// Mandated is true if the difference follows from a promise of the product. TestGaps limits the
	// number of other gaps.
	Mandated bool
}

const (
	literalsUnchanged = "string literals are neither indented nor split at characters that do not end a line"
	resultsConverted  = "values of the most common types are converted instead of being rejected"
	envOverridesFile  = "the environment overrides the configuration file, as TabPy's documentation says"
	freshCell         = "each script runs in its own cell, so it cannot see the state of an earlier one"
)

// Gaps lists the gaps of tabcell. Each is described in httpapi/COMPAT.md. The case of a gap that no
// longer differs fails.
var Gaps = []Gap{
	{"evaluate-basic", "triple-quoted string gains one space per line", literalsUnchanged, true},
	{"evaluate-basic", "form feed splits lines", literalsUnchanged, true},
	{"evaluate-basic", "line separator U+2028 splits a triple-quoted string", literalsUnchanged, true},
	{"evaluate-basic", "backslash continuation inside a string gains a space", literalsUnchanged, false},

	{"evaluate-errors", "line separator inside a string literal", literalsUnchanged, true},
	{"evaluate-errors", "exception whose str fails", "the response is JSON as for all other exceptions, not an HTML page", false},

	{"evaluate-types", "not serialisable: set", resultsConverted, true},
	{"evaluate-types", "not serialisable: datetime", resultsConverted, true},
	{"evaluate-types", "not serialisable: date in a list", resultsConverted, true},

	{"evaluate-numpy-pandas", "not serialisable: int64 scalar", resultsConverted, true},
	{"evaluate-numpy-pandas", "not serialisable: float32 scalar", resultsConverted, true},
	{"evaluate-numpy-pandas", "not serialisable: bool_", resultsConverted, true},
	{"evaluate-numpy-pandas", "not serialisable: sum of ints", resultsConverted, true},
	{"evaluate-numpy-pandas", "not serialisable: ndarray", resultsConverted, true},
	{"evaluate-numpy-pandas", "not serialisable: list of int64", resultsConverted, true},
	{"evaluate-numpy-pandas", "not serialisable: int64 as key", resultsConverted, true},
	{"evaluate-numpy-pandas", "not serialisable: datetime64", resultsConverted, true},
	{"evaluate-numpy-pandas", "not serialisable: Series", resultsConverted, true},
	{"evaluate-numpy-pandas", "not serialisable: Timestamp column", resultsConverted, true},
	{"evaluate-numpy-pandas", "not serialisable: NaT", resultsConverted, true},
	{"evaluate-numpy-pandas", "not serialisable: DataFrame inside a list", resultsConverted, true},
	{"evaluate-numpy-pandas", "not serialisable: DataFrame inside a dict", resultsConverted, true},

	{"settings", "file wins over the environment", envOverridesFile, true},

	{"logs", "script is logged", "the text of scripts is logged only if TABCELL_LOG_SCRIPTS is set", true},

	{"tutorials", "numpy scalar must be converted", resultsConverted, true},
	{"tutorials", "cache kept in a global", freshCell, true},

	{"cors", "default server has none", "a web page of another origin cannot run scripts, unless its origin is configured", true},

	{"oauth", "HS256 by a symmetric key of the set", "symmetric keys are rejected: key sets are public, and such a key can also sign tokens", true},
	{"oauth", "script sees the caller's token", "the user's credentials are withheld from scripts, which other people wrote", false},

	{"endpoints", "POST alias is always refused", "TabPy inverts its check of dependencies, so no alias can be added; tabcell accepts aliases", true},
	{"endpoints", "percent sign in a docstring is refused", "a percent sign is ordinary text; in TabPy it breaks the state file", true},

	{"query", "model keeps state between calls", freshCell, true},
}
