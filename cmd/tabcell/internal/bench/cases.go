// Package bench measures a server that speaks TabPy's protocol with requests as workbooks send
// them. Every response is checked.
package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"time"
)

// Case is a request that workbooks send, with what its answer must be.
type Case struct {
	Name   string
	Method string // and path
	Path   string
	Body   func() []byte             // made once a run; nil for none
	Check  func(answer []byte) error // of the first answer; all others must be the same bytes,
	Varies *regexp.Regexp            // but for this; nil: nothing
	heavy  bool                      // left out of the short form
}

// Cases are what TabPy's users wait for most. Data is made from a fixed seed: two servers get the
// same bytes.
func Cases() []Case {
	return []Case{
		{Name: "dummy", Body: ScriptBody("return int(1)", Column(4)), Check: Exactly("1")},
		{Name: "/info", Method: "GET", Path: "/info", Check: Contains("versions")},
		{Name: "add 10 rows", Body: AdditionBody(10), Check: Addition(10)},
		{Name: "add 1 000 rows", Body: AdditionBody(1000), Check: Addition(1000)},
		{Name: "add 100 000 rows", Body: AdditionBody(100_000), Check: Addition(100_000)},
		{Name: "add 1 000 000 rows", Body: AdditionBody(1_000_000), Check: Addition(1_000_000), heavy: true},
		{Name: "strings 100 000 rows", Body: Lazily("return [x.upper() for x in _arg1]", func() []any { return []any{words(100_000)} }), Check: upper(100_000)},
		{Name: "dates 10 000 rows", Body: Lazily(datesScript, func() []any { return []any{dates(10_000)} }), Check: length(10_000)},
		{Name: "nulls 10 000 rows", Body: Lazily("return [x if x is not None else 0.0 for x in _arg1]",
			func() []any { return []any{withNulls(10_000)} }), Check: length(10_000)},
		{Name: "table 20 x 10 000", Body: TableBody(20, 10_000), Check: Contains("c19")},
		{Name: "pandas rolling 100 000", Body: Lazily(RollingScript, func() []any { return []any{Floats(1, 100_000)} }), Check: length(100_000)},
		{Name: "pandas groupby 100 000", Body: Lazily(groupScript, func() []any { return []any{keys(100_000), Floats(2, 100_000)} }), Check: length(100_000)},
		{Name: "k-means 10 000", Body: Lazily(kmeansScript, func() []any { return []any{Floats(3, 10_000), Floats(4, 10_000)} }), Check: length(10_000)},
		{Name: "linear regression 10 000", Body: Lazily(regressionScript, func() []any { return []any{Floats(5, 10_000), Floats(6, 10_000)} }), Check: length(10_000)},
		{Name: "CPU loop", Body: ScriptBody(loopScript), Check: Exactly("1999999")},
		{Name: FiveLoops + "integers", Body: ScriptBody("s = 0\nfor i in range(400000):\n    s = (s + i * 3) & 0xffff\nreturn s"), Check: Exactly("14400"), heavy: true},
		{Name: FiveLoops + "calls", Body: ScriptBody("def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\nreturn fib(22)"), Check: Exactly("17711"), heavy: true},
		{Name: FiveLoops + "dict", Body: ScriptBody(dictScript), Check: Exactly("1049980"), heavy: true},
		{Name: FiveLoops + "json", Body: ScriptBody(jsonScript), Check: Exactly("8000"), heavy: true},
		{Name: FiveLoops + "floats", Body: ScriptBody(floatsScript), Check: Exactly("41666541.562765926"), heavy: true},
	}
}

// Select returns the cases with these names. Without names it returns all cases, the heavy ones
// only if heavy is true.
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
		err = errors.Join(err, fmt.Errorf("no case %q; there are: %s", name, strings.Join(known, "; ")))
	}
	return selected, err
}

// FiveLoops begins the names of five short scripts that only compute; the geometric mean of their
// ratios stands for such scripts.
const FiveLoops = "loop of "

const (
	datesScript = "from datetime import datetime\nreturn [datetime.strptime(x, '%Y-%m-%d %H:%M:%S').toordinal() for x in _arg1]"

	RollingScript = "import pandas as pd\nreturn pd.Series(_arg1).rolling(30).mean().fillna(0).tolist()"

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

// ScriptBody is a request's body with the arguments that follow.
func ScriptBody(script string, args ...any) func() []byte {
	return Lazily(script, func() []any { return args })
}

func Lazily(script string, args func() []any) func() []byte {
	return func() []byte {
		data := map[string]any{}
		for i, a := range args() {
			data[fmt.Sprintf("_arg%d", i+1)] = a
		}
		b, _ := json.Marshal(map[string]any{"script": script, "data": data}) // numbers and text: nothing that can fail
		return b
	}
}

func Column(values ...any) []any { return values }

// Floats are n numbers of two decimals, as prices are.
func Floats(seed uint64, n int) []float64 {
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
	for i, f := range Floats(8, n) {
		if i%3 > 0 {
			all[i] = f
		}
	}
	return all
}

func AdditionBody(n int) func() []byte {
	return Lazily("return [a + b for a, b in zip(_arg1, _arg2)]", func() []any { return []any{Floats(9, n), Floats(10, n)} })
}

// TableBody is a table extension: the whole table is one argument, and comes back with a column
// more.
func TableBody(columns, rows int) func() []byte {
	script := "import pandas as pd\nd = pd.DataFrame(_arg1)\nd['total'] = d.sum(axis=1)\nreturn d.to_dict(orient='list')"
	return Lazily(script, func() []any {
		table := map[string]any{}
		for i := range columns {
			table[fmt.Sprintf("c%d", i)] = Floats(uint64(20+i), rows)
		}
		return []any{table}
	})
}

func Exactly(want string) func([]byte) error {
	return func(answer []byte) error {
		if got := strings.TrimSpace(string(answer)); got != want {
			return fmt.Errorf("the answer is %.100q, not %q", got, want)
		}
		return nil
	}
}

func Contains(part string) func([]byte) error {
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

func Addition(n int) func([]byte) error {
	return func(answer []byte) error {
		all, err := decoded[float64](answer, n)
		if err != nil {
			return err
		}
		a, b := Floats(9, n), Floats(10, n)
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
