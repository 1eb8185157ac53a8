//go:build attack && linux

package attack

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
)

// scriptAttacks are scripts that are hard to interrupt or large.
var scriptAttacks = []attack{
	{name: "scripts in long operations of C code", settings: shortLimit, run: rotate(longOperations)},
	{name: "scripts that sleep", settings: shortLimit, run: scripts(80, "import time\ntime.sleep(1e9)")},
	{name: "scripts that recurse and nest", run: rotate(deepScripts)},
	{name: "results that cannot be sent", run: rotate(badResults)},
	{name: "scripts of 10 MB", run: scripts(8, "return len('"+strings.Repeat("x", 10<<20)+"')")},
	{name: "scripts of 100 000 lines", run: scripts(8, strings.Repeat("x = [1, 2, 3]\n", 100_000)+"return 1")},
	{name: "a million arguments", run: manyArguments},
}

var shortLimit = []string{"TABCELL_EVALUATE_TIMEOUT=2"}

// longOperations are scripts that spend their time in one operation.
var longOperations = []string{
	"return len(str(9 ** 9 ** 7))",
	"import re\nreturn re.match('(a+)+$', 'a' * 60 + 'b')",
	"return sum(range(10 ** 12))",
	"import numpy as np\na = np.ones((3000, 3000))\nfor _ in range(100):\n    a = a @ a\nreturn 1",
	"import numpy as np\nreturn float(np.sort(np.random.rand(50_000_000))[0])",
	"import json\nreturn len(json.loads('[' + '1,' * 20_000_000 + '1]'))",
	"return len(('ab' * 50_000_000).replace('a', 'ccc'))",
	"class E:\n    def __lt__(self, other):\n        while True: pass\nreturn len(sorted([E(), E()]))",
}

// deepScripts exhaust the stack of the interpreter.
var deepScripts = []string{
	"def f(): return f()\nreturn f()",
	"return " + strings.Repeat("(", 100_000) + strings.Repeat(")", 100_000),
	"x = []\nfor _ in range(10 ** 6): x = [x]\nreturn len(repr(x))",
	"import pickle\nx = []\nfor _ in range(10 ** 6): x = [x]\nreturn len(pickle.dumps(x))",
	"import ast\nreturn str(ast.parse('-' * 10 ** 6 + '1'))",
	"import json\nreturn json.loads('[' * 10 ** 6)",
}

// badResults are scripts whose results or errors cannot be serialized, or do so late.
var badResults = []string{
	"x = []\nfor _ in range(10 ** 5): x = [x]\nreturn x",
	"x = []\nx.append(x)\nreturn x",
	"return [float('nan')] * 10 ** 6",
	"return {(1, 2): '\\ud800'}",
	"class E(Exception):\n    def __str__(self): return 'x' * 10 ** 9\nraise E()",
	"import atexit\natexit.register(lambda: [None for _ in iter(int, 1)])\nreturn 1",
	"class D:\n    def __del__(self):\n        while True: pass\nd = D()\nreturn 1",
	"raise SystemExit(3)",
}

// rotate returns an attack with several clients that run the given scripts in turn.
func rotate(all []string) func(context.Context, *testing.T, *victim) {
	return func(ctx context.Context, _ *testing.T, v *victim) {
		var n atomic.Int64
		c := v.attacker()
		defer c.CloseIdleConnections()
		repeatAttack(ctx, bodyClients, func(ctx context.Context) { _, _ = v.evaluate(ctx, c, all[int(n.Add(1))%len(all)]) })
	}
}

// manyArguments sends scripts with a million arguments.
func manyArguments(ctx context.Context, _ *testing.T, v *victim) {
	var data strings.Builder
	data.WriteString(`{"script": "return 1", "data": {"_arg1": 1`)
	for i := range 1_000_000 {
		data.WriteString(`, "_arg`)
		data.WriteString(strings.Repeat("1", 1+i%20))
		data.WriteString(`": 1`)
	}
	data.WriteString("}}")
	c := v.attacker()
	defer c.CloseIdleConnections()
	repeatAttack(ctx, bodyClients, func(ctx context.Context) { v.send(ctx, c, "POST", "/evaluate", data.String()) })
}
