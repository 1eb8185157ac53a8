package runtime

import (
	"regexp"
	"strings"
)

// withoutArrow is the advice for scripts that need pyarrow.
const withoutArrow = "tabcell has no pyarrow: use CSV, JSON or pickle in place of Parquet, Feather and ORC, " +
	"and the dtypes and engines of pandas itself"

// optionalFailed matches the text of pandas about a library that one of its functions needs.
var optionalFailed = regexp.MustCompile("^`Import [\\w.]+` failed\\. |^'numexpr' is not installed")

// adviseOptional returns the text of an ImportError with advice, if it is about a library that pandas
// imports only when a function needs it. The advice of pandas is to install it with pip.
func adviseOptional(text string) string {
	switch {
	case strings.Contains(text, "pyarrow"):
		return text + "\n" + withoutArrow
	case optionalFailed.MatchString(text):
		return text + "\nnothing can be installed in a cell; TABCELL_PACKAGES adds pure-Python wheels"
	}
	return text
}
