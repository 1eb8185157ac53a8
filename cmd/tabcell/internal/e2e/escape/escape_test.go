package escape

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
)

// probe returns the state of the interpreter that a script can see. It is the same in every fresh
// cell.
const probe = `
import builtins, decimal, fractions, gc, io, json, math, os, random, sys, warnings
import numpy as np, pandas as pd
import tabcell_guest.convert, tabcell_guest.evaluate
seen = {
    'builtins': sorted(dir(builtins)), 'len': len([1, 2]), 'json': sorted(dir(json)), 'pi': math.pi, 'modules': sorted(sys.modules),
    'globals': sorted(globals()), 'meta_path': len(sys.meta_path), 'path': sys.path, 'prec': [decimal.getcontext().prec, decimal.DefaultContext.prec],
    'filters': len(warnings.filters), 'limit': sys.getrecursionlimit(), 'numpy': [str(np.get_printoptions()), str(np.geterr())],
    'pandas': [pd.get_option('display.max_rows'), pd.DataFrame({'a': [1, 2]}).sum().to_dict()], 'random': [callable(random.random), random.random() < 1],
    'bridge': [tabcell_guest.evaluate.run.__name__, tabcell_guest.convert.convert.__name__], 'open': [callable(open), open is io.open],
    'fraction': str(fractions.Fraction(1, 2) + 1), 'gc': [gc.isenabled(), gc.get_threshold(), len(gc.callbacks)], 'trace': sys.gettrace() is None,
    'hook': sys.excepthook is sys.__excepthook__, 'files': [os.getcwd(), os.listdir(), os.listdir('/lib') == sorted(os.listdir('/lib'))], 'switch': sys.getswitchinterval(), 'environ': dict(os.environ),
}
return seen
`

// TestEscapes sends every attack to servers with small limits, over both guests. The engines
// compare each cell with its image afterwards, and after each attack the next script must find an
// untouched interpreter.
func TestEscapes(t *testing.T) {
	for name, engine := range map[string]func() (*runtime.Engine, error){"core": harness.CoreEngine, "full": harness.FullEngine} {
		t.Run(name, func(t *testing.T) {
			testEscapes(t, func() (runtime.Evaluator, error) { return engine() })
			if n := harness.Must(t, engine).Stats().DiscardedSlots; n != 0 {
				t.Errorf("%d cells differed from the image after their call", n)
			}
		})
	}
}

// servers holds two servers over one engine. An attack that may run until its time limit goes to
// the strict server, whose limit is short. Everything else goes to the patient server, because on a
// busy machine a script that ends by itself may take longer than any short limit.
type servers struct {
	strict, patient *harness.Server
	limit           time.Duration // of the strict server
	untouched       string        // the probe's result in a fresh cell
}

func testEscapes(t *testing.T, engine func() (runtime.Evaluator, error)) {
	s := startServers(t, engine)
	groups := map[string][]escape{
		"files": fileEscapes, "outside": outsideEscapes, "state": stateEscapes, "time": timeEscapes, "memory": memoryEscapes, "output": outputEscapes,
	}
	for group, escapes := range groups {
		for _, e := range escapes {
			t.Run(group+"/"+e.name, func(t *testing.T) { s.attack(t, e) })
		}
	}
}

func startServers(t *testing.T, engine func() (runtime.Evaluator, error)) *servers {
	t.Helper()
	s := &servers{patient: startWithTimeout(t, engine, harness.Patience())}
	status, untouched := s.patient.Evaluate(probe)
	if status != 200 || !strings.Contains(untouched, `"pi": 3.14159`) {
		t.Fatalf("the probe fails with %d: %s", status, untouched)
	}
	s.untouched, s.limit = untouched, strictLimit(s.patient)
	s.strict = startWithTimeout(t, engine, s.limit)
	return s
}

func startWithTimeout(t *testing.T, engine func() (runtime.Evaluator, error), timeout time.Duration) *harness.Server {
	t.Helper()
	config, port := harness.Configuration(t, harness.SmallLimits(timeout))
	s := harness.StartConfigured(t, config, port, engine)
	t.Cleanup(s.Stop)
	return s
}

// strictLimit returns a time limit in which the probe could run twice, from 1 to 4 s. That is long
// enough for an attack to begin before the limit interrupts it, and short enough for all attacks to
// end within Go's limit for a package.
func strictLimit(patient *harness.Server) time.Duration {
	begin := time.Now()
	patient.Evaluate(probe)
	return min(max(2*time.Since(begin), time.Second), 4*time.Second)
}

// attack runs one attack and then the probe.
func (s *servers) attack(t *testing.T, e escape) {
	status, response := 0, ""
	if slices.Contains(e.statuses, 408) {
		status, response = s.attackStrict(t, e)
	} else {
		status, response = s.patient.Evaluate(e.script)
	}
	if !slices.Contains(e.statuses, status) || !strings.Contains(response, e.text) {
		t.Errorf("%d %.400s; want %d with %q", status, response, e.statuses, e.text)
	}
	if status, after := s.patient.Evaluate(probe); status != 200 || after != s.untouched {
		t.Errorf("the interpreter of the next script is changed (%d):\n%s\nfresh interpreter:\n%s", status, after, s.untouched)
	}
}

// attackStrict also checks that the strict server's time limit ends the attack.
func (s *servers) attackStrict(t *testing.T, e escape) (status int, response string) {
	begin, allowance := time.Now(), testenv.Scaled(20*time.Second)
	status, response = s.strict.Evaluate(e.script)
	if took := time.Since(begin); took > s.limit+allowance {
		t.Errorf("the response took %v, more than %v after the time limit of %v", took, allowance, s.limit)
	}
	return status, response
}
