package tck

// Gap is a case whose answer is meant to differ from TabPy's.
type Gap struct {
	Group, Case string
	Reason      string
	// Mandated gaps follow from what the product promises; of the others there may be few (gaps_test.go).
	Mandated bool
}

const (
	literalsUnchanged = "text inside string literals is the script's own: it is not re-indented, nor split at characters that end no line"
	resultsConverted  = "what people return most often converts by itself instead of failing"
	envOverridesFile  = "the environment wins over the file, as TabPy's documentation says"
	freshCell         = "each script runs in a cell of its own: nothing of one is seen by the next"
)

// Gaps are those of tabcell. A gap that no longer differs makes its case fail, so that the list stays true.
var Gaps = []Gap{
	{"evaluate-basic", "triple-quoted string gains one space per line", literalsUnchanged, true},
	{"evaluate-basic", "form feed splits lines", literalsUnchanged, true},
	{"evaluate-basic", "line separator U+2028 splits a triple-quoted string", literalsUnchanged, true},
	{"evaluate-basic", "backslash continuation inside a string gains a space", literalsUnchanged, false},

	{"evaluate-errors", "line separator inside a string literal", literalsUnchanged, true},
	{"evaluate-errors", "exception whose str fails", "the answer is the JSON of other script errors, not a page of the HTTP library", false},

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

	{"logs", "script is logged", "a script's text is logged only when asked", true},

	{"tutorials", "numpy scalar must be converted", resultsConverted, true},
	{"tutorials", "cache kept in a global", freshCell, true},

	{"oauth", "HS256 by a symmetric key of the set", "symmetric keys are refused: who can read one can sign with it, and key sets are public", true},
	{"oauth", "script sees the caller's token", "the reader's secrets are not shown to scripts, which are somebody else's", false},

	{"endpoints", "POST alias is always refused", "TabPy's check of dependencies is inverted, so that no alias can be added; here they can", true},
	{"endpoints", "percent sign in a docstring is refused", "a percent sign is a letter like any other; in TabPy it breaks the state file", true},

	{"query", "model keeps state between calls", freshCell, true},
}
