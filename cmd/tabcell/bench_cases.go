package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"time"
)

// benchCase is a request that workbooks send, with what its answer must be.
type benchCase struct {
	name   string
	method string // and path
	path   string
	body   func() []byte             // made once a run; nil for none
	check  func(answer []byte) error // of the first answer; all others must be the same bytes,
	varies *regexp.Regexp            // but for this; nil: nothing
	heavy  bool                      // left out of the short form
}

// benchCases are what TabPy's users wait for most. Data is made from a fixed seed: two servers get the same bytes.
func benchCases() []benchCase {
	return []benchCase{
		{name: "dummy", body: scriptBody("return int(1)", column(4)), check: exactly("1")},
		{name: "/info", method: "GET", path: "/info", check: contains("versions")},
		{name: "add 10 rows", body: additionBody(10), check: addition(10)},
		{name: "add 1 000 rows", body: additionBody(1000), check: addition(1000)},
		{name: "add 100 000 rows", body: additionBody(100_000), check: addition(100_000)},
		{name: "add 1 000 000 rows", body: additionBody(1_000_000), check: addition(1_000_000), heavy: true},
		{name: "strings 100 000 rows", body: lazily("return [x.upper() for x in _arg1]", func() []any { return []any{words(100_000)} }), check: upper(100_000)},
		{name: "dates 10 000 rows", body: lazily(datesScript, func() []any { return []any{dates(10_000)} }), check: length(10_000)},
		{name: "nulls 10 000 rows", body: lazily("return [x if x is not None else 0.0 for x in _arg1]",
			func() []any { return []any{withNulls(10_000)} }), check: length(10_000)},
		{name: "table 20 x 10 000", body: tableBody(20, 10_000), check: contains("c19")},
		{name: "pandas rolling 100 000", body: lazily(rollingScript, func() []any { return []any{floats(1, 100_000)} }), check: length(100_000)},
		{name: "pandas groupby 100 000", body: lazily(groupScript, func() []any { return []any{keys(100_000), floats(2, 100_000)} }), check: length(100_000)},
		{name: "k-means 10 000", body: lazily(kmeansScript, func() []any { return []any{floats(3, 10_000), floats(4, 10_000)} }), check: length(10_000)},
		{name: "linear regression 10 000", body: lazily(regressionScript, func() []any { return []any{floats(5, 10_000), floats(6, 10_000)} }), check: length(10_000)},
		{name: "CPU loop", body: scriptBody(loopScript), check: exactly("1999999")},
		{name: fiveLoops + "integers", body: scriptBody("s = 0\nfor i in range(400000):\n    s = (s + i * 3) & 0xffff\nreturn s"), check: exactly("14400"), heavy: true},
		{name: fiveLoops + "calls", body: scriptBody("def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\nreturn fib(22)"), check: exactly("17711"), heavy: true},
		{name: fiveLoops + "dict", body: scriptBody(dictScript), check: exactly("1049980"), heavy: true},
		{name: fiveLoops + "json", body: scriptBody(jsonScript), check: exactly("8000"), heavy: true},
		{name: fiveLoops + "floats", body: scriptBody(floatsScript), check: exactly("41666541.562765926"), heavy: true},
	}
}

// selectCases returns the cases with these names. Without names it returns all cases, the heavy ones only if heavy is true.
func selectCases(names []string, heavy bool) (selected []benchCase, err error) {
	var known []string
	wanted := map[string]bool{}
	for _, name := range names {
		wanted[name] = true
	}
	for _, c := range benchCases() {
		known = append(known, c.name)
		if wanted[c.name] || len(names) == 0 && (heavy || !c.heavy) {
			selected = append(selected, c)
		}
		delete(wanted, c.name)
	}
	for name := range wanted {
		err = errors.Join(err, fmt.Errorf("no case %q; there are: %s", name, strings.Join(known, "; ")))
	}
	return selected, err
}

// fiveLoops begins the names of five short scripts that only compute; the geometric mean of their ratios stands for such scripts.
const fiveLoops = "loop of "

const (
	datesScript = "from datetime import datetime\nreturn [datetime.strptime(x, '%Y-%m-%d %H:%M:%S').toordinal() for x in _arg1]"

	rollingScript = "import pandas as pd\nreturn pd.Series(_arg1).rolling(30).mean().fillna(0).tolist()"

	groupScript = "import pandas as pd\nd = pd.DataFrame({'k': _arg1, 'v': _arg2})\nreturn d.groupby('k')['v'].transform('mean').tolist()"

	kmeansScript = "import numpy as np\nfrom sklearn.cluster import KMeans\nx = np.column_stack([_arg1, _arg2])\n" +
		"return KMeans(n_clusters=4, n_init=1, random_state=1).fit(x).labels_.tolist()"

	regressionScript = "import numpy as np\nfrom sklearn.linear_model import LinearRegression\nx = np.array(_arg1).reshape(-1, 1)\n" +
		"return LinearRegression().fit(x, _arg2).predict(x).round(6).tolist()"

	dictScript = "d = {}\nfor i in range(100000):\n    k = str(i % 5000)\n    d[k] = d.get(k, 0) + i\nreturn sorted(d.values())[-1]"

	jsonScript = "import json\nx = [{'a': i, 'b': str(i)} for i in range(8000)]\nreturn len(json.loads(json.dumps(x)))"

	floatsScript = "import math\nt = 0.0\nfor i in range(250000):\n    t += math.sqrt(i) * 0.5\nreturn t"

	// loopScript takes about 100 ms of a native interpreter.
	loopScript = "a = 0\nfor i in range(2000000):\n    a = (a + i) % 1000003 if i % 7 else a + 1\nreturn i"
)

// scriptBody is a request's body with the arguments that follow.
func scriptBody(script string, args ...any) func() []byte {
	return lazily(script, func() []any { return args })
}

func lazily(script string, args func() []any) func() []byte {
	return func() []byte {
		data := map[string]any{}
		for i, a := range args() {
			data[fmt.Sprintf("_arg%d", i+1)] = a
		}
		b, _ := json.Marshal(map[string]any{"script": script, "data": data}) // numbers and text: nothing that can fail
		return b
	}
}

func column(values ...any) []any { return values }

// floats are n numbers of two decimals, as prices are.
func floats(seed uint64, n int) []float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	all := make([]float64, n)
	for i := range all {
		all[i] = float64(r.IntN(1_000_000)) / 100
	}
	return all
}

func words(n int) []string {
	r := rand.New(rand.NewPCG(7, 1))
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("customer %d of %s", r.IntN(n), []string{"north", "south", "east", "west"}[r.IntN(4)])
	}
	return all
}

func keys(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("k%d", i*7919%1000)
	}
	return all
}

func dates(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = time.Date(2020, 1, 1+i%2000, i%24, i%60, 0, 0, time.UTC).Format(time.DateTime)
	}
	return all
}

func withNulls(n int) []any {
	all := make([]any, n)
	for i, f := range floats(8, n) {
		if i%3 > 0 {
			all[i] = f
		}
	}
	return all
}

func additionBody(n int) func() []byte {
	return lazily("return [a + b for a, b in zip(_arg1, _arg2)]", func() []any { return []any{floats(9, n), floats(10, n)} })
}

// tableBody is a table extension: the whole table is one argument, and comes back with a column more.
func tableBody(columns, rows int) func() []byte {
	script := "import pandas as pd\nd = pd.DataFrame(_arg1)\nd['total'] = d.sum(axis=1)\nreturn d.to_dict(orient='list')"
	return lazily(script, func() []any {
		table := map[string]any{}
		for i := range columns {
			table[fmt.Sprintf("c%d", i)] = floats(uint64(20+i), rows)
		}
		return []any{table}
	})
}

func exactly(want string) func([]byte) error {
	return func(answer []byte) error {
		if got := strings.TrimSpace(string(answer)); got != want {
			return fmt.Errorf("the answer is %.100q, not %q", got, want)
		}
		return nil
	}
}

func contains(part string) func([]byte) error {
	return func(answer []byte) error {
		if !json.Valid(answer) || !strings.Contains(string(answer), part) {
			return fmt.Errorf("the answer %.100q lacks %q", answer, part)
		}
		return nil
	}
}

func decoded[T any](answer []byte, n int) ([]T, error) {
	var all []T
	if err := json.Unmarshal(answer, &all); err != nil {
		return nil, fmt.Errorf("the answer %.100q: %w", answer, err)
	}
	if len(all) != n {
		return nil, fmt.Errorf("the answer has %d rows, not %d", len(all), n)
	}
	return all, nil
}

func length(n int) func([]byte) error {
	return func(answer []byte) error {
		_, err := decoded[float64](answer, n)
		return err
	}
}

func addition(n int) func([]byte) error {
	return func(answer []byte) error {
		all, err := decoded[float64](answer, n)
		if err != nil {
			return err
		}
		a, b := floats(9, n), floats(10, n)
		for i, sum := range all {
			if sum != a[i]+b[i] {
				return fmt.Errorf("row %d is %v, not %v", i+1, sum, a[i]+b[i])
			}
		}
		return nil
	}
}

func upper(n int) func([]byte) error {
	return func(answer []byte) error {
		all, err := decoded[string](answer, n)
		if err != nil {
			return err
		}
		for i, w := range words(n) {
			if all[i] != strings.ToUpper(w) {
				return fmt.Errorf("row %d is %q, not %q", i+1, all[i], strings.ToUpper(w))
			}
		}
		return nil
	}
}
