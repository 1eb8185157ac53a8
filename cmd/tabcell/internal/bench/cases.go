// Package bench measures a server with TabPy's protocol. It sends requests like those of workbooks
// and checks every response.
package bench

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Case is a request and a check of its response.
type Case struct {
	Name   string
	Method string // if empty, the request is POST /evaluate
	Path   string
	Body   func() []byte // called once for each run; nil for no body
	// Check checks the first response. All others must be equal to it.
	Check func(response []byte) error
	// Varies, if not nil, matches the parts of responses that may differ.
	Varies *regexp.Regexp
	heavy  bool // only on demand
}

// Cases returns the cases, which represent the requests that TabPy's users wait for most. Their
// data has a fixed seed, so that two servers receive the same requests.
func Cases() []Case {
	return []Case{
		{Name: "dummy", Body: ScriptBody("return int(1)", Column(4)), Check: CheckEqual("1")},
		{Name: "/info", Method: "GET", Path: "/info", Check: CheckContains("versions")},
		{Name: "add 10 rows", Body: AdditionBody(10), Check: CheckAddition(10)},
		{Name: "add 1 000 rows", Body: AdditionBody(1000), Check: CheckAddition(1000)},
		{Name: "add 100 000 rows", Body: AdditionBody(100_000), Check: CheckAddition(100_000)},
		{Name: "add 1 000 000 rows", Body: AdditionBody(1_000_000), Check: CheckAddition(1_000_000), heavy: true},
		{Name: "strings 100 000 rows", Body: LazyBody("return [x.upper() for x in _arg1]", func() []any { return []any{words(100_000)} }), Check: checkUpper(100_000)},
		{Name: "dates 10 000 rows", Body: LazyBody(datesScript, func() []any { return []any{dates(10_000)} }), Check: checkLength(10_000)},
		{Name: "nulls 10 000 rows", Body: LazyBody("return [x if x is not None else 0.0 for x in _arg1]",
			func() []any { return []any{withNulls(10_000)} }), Check: checkLength(10_000)},
		{Name: "table 20 x 10 000", Body: TableBody(20, 10_000), Check: CheckContains("c19")},
		{Name: "pandas rolling 100 000", Body: LazyBody(RollingScript, func() []any { return []any{Floats(1, 100_000)} }), Check: checkLength(100_000)},
		{Name: "pandas groupby 100 000", Body: LazyBody(groupScript, func() []any { return []any{keys(100_000), Floats(2, 100_000)} }), Check: checkLength(100_000)},
		{Name: "k-means 10 000", Body: LazyBody(kmeansScript, func() []any { return []any{Floats(3, 10_000), Floats(4, 10_000)} }), Check: checkLength(10_000)},
		{Name: "linear regression 10 000", Body: LazyBody(regressionScript, func() []any { return []any{Floats(5, 10_000), Floats(6, 10_000)} }), Check: checkLength(10_000)},
		{Name: "CPU loop", Body: ScriptBody(loopScript), Check: CheckEqual("1999999")},
		{Name: LoopPrefix + "integers", Body: ScriptBody("s = 0\nfor i in range(400000):\n    s = (s + i * 3) & 0xffff\nreturn s"), Check: CheckEqual("14400"), heavy: true},
		{Name: LoopPrefix + "calls", Body: ScriptBody("def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\nreturn fib(22)"), Check: CheckEqual("17711"), heavy: true},
		{Name: LoopPrefix + "dict", Body: ScriptBody(dictScript), Check: CheckEqual("1049980"), heavy: true},
		{Name: LoopPrefix + "json", Body: ScriptBody(jsonScript), Check: CheckEqual("8000"), heavy: true},
		{Name: LoopPrefix + "floats", Body: ScriptBody(floatsScript), Check: CheckEqual("41666541.562765926"), heavy: true},
	}
}

// Select returns the cases with the given names. If names is empty, it returns all cases, but the
// heavy ones only if heavy is true.
func Select(names []string, heavy bool) (selected []Case, err error) {
	var known []string
	wanted := map[string]bool{}
	for _, name := range names {
		wanted[name] = true
	}
	for _, c := range Cases() {
		known = append(known, c.Name)
		if wanted[c.Name] || len(names) == 0 && (heavy || !c.heavy) {
			selected = append(selected, c)
		}
		delete(wanted, c.Name)
	}
	for name := range wanted {
		err = errors.Join(err, fmt.Errorf("unknown case %q; the cases are: %s", name, strings.Join(known, "; ")))
	}
	return selected, err
}

// LoopPrefix is the prefix of the names of five short scripts that only compute. The geometric mean
// of their ratios represents such scripts.
const LoopPrefix = "loop of "
