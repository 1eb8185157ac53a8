package runtime

import (
	"cmp"
	"regexp"
	"strings"
)

// optionalFailed matches the text of pandas about a library that one of its functions needs.
var optionalFailed = regexp.MustCompile("^`Import ([\\w.]+)` failed\\. |^'(numexpr)' is not installed")

// adviseOptional returns the text of an ImportError with advice, if it is about a library that
// pandas imports only when a function needs it. The advice of pandas is to install it with pip.
func (e *Engine) adviseOptional(text string) string {
	if strings.Contains(text, "pyarrow") {
		return text + "\n" + ModuleAdvice("pyarrow")
	}
	m := optionalFailed.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	const general = "nothing can be installed in a cell; TABCELL_PACKAGES adds pure-Python wheels"
	return text + "\n" + cmp.Or(e.missing[m[1]], ModuleAdvice(m[1]+m[2]), general)
}
