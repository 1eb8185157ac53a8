//go:build attack && linux

package attack

import (
	"context"
	"fmt"
	"net/http"
	"testing"
)

// cellAttacks use up the permits, and memory that scripts and models of the attacker keep.
var cellAttacks = []attack{
	{name: "80 scripts of 0.5 s, one account", accounts: true, run: scripts(80, busy)},
	{name: "80 scripts of 0.5 s, one address", run: scripts(80, busy)},
	{name: "memory to the limit", run: scripts(8, "x = []\nwhile True:\n    x.append(bytearray(10**6))")},
	{name: "nested queries that keep memory", prepare: deployDeep,
		run: scripts(8, "x = bytearray(300 << 20)\nreturn tabpy.query('deep', 8)")},
	{name: "requests of 90 MB from scripts", run: scripts(8, "for _ in range(100):\n    tabpy.query('none', 'x' * (90 << 20))")},
	{name: "scripts that run for ever", run: scripts(8, "while True:\n    pass")},
	{name: "scripts that ignore their time limit", settings: []string{"TABCELL_EVALUATE_TIMEOUT=2"},
		run: scripts(8, "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass")},
	{name: "scripts that print", run: scripts(8, "while True:\n    print('x' * 100000)")},
	{name: "responses of 200 MB", run: scripts(8, "return 'x' * (200 << 20)")},
	{name: "queries of 150 models", prepare: deployMany, run: queryMany},
}

// busy is a script that runs for half a second.
const busy = "import time\nend = time.monotonic() + 0.5\nwhile time.monotonic() < end:\n    pass\nreturn 1"

// scripts returns an attack in which a number of clients of one owner run a script again and again.
func scripts(clients int, script string) func(context.Context, *testing.T, *victim) {
	return func(ctx context.Context, _ *testing.T, v *victim) {
		c := v.attacker()
		defer c.CloseIdleConnections()
		repeatAttack(ctx, clients, func(ctx context.Context) { _, _ = v.evaluate(ctx, c, script) })
	}
}

// deployDeep deploys the model of the nested queries.
func deployDeep(t *testing.T, v *victim) {
	if code, text := v.post(t, "/endpoints", deepModel); code != http.StatusCreated {
		t.Fatalf("the model was not deployed: %d %s", code, text)
	}
}

// manyModels is the number of models of the attack with models.
const manyModels = 150

func deployMany(t *testing.T, v *victim) {
	for i := range manyModels {
		body := fmt.Sprintf(`{"name": "m%d", "type": "model", "description": "", "source": "def f(x):\n    return %[1]d"}`, i)
		if code, text := v.post(t, "/endpoints", body); code != http.StatusCreated {
			t.Fatalf("model %d was not deployed: %d %s", i, code, text)
		}
	}
}

// queryMany queries the models one after the other, with several clients.
func queryMany(ctx context.Context, t *testing.T, v *victim) {
	n := make(chan int)
	go func() {
		defer close(n)
		for i := 0; ctx.Err() == nil; i++ {
			n <- i % manyModels
		}
	}()
	repeatAttack(ctx, 8, func(context.Context) {
		for i := range n {
			v.post(t, fmt.Sprintf("/query/m%d", i), `{"data": [1]}`)
		}
	})
}
