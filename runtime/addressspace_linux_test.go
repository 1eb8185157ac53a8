package runtime

import (
	"errors"
	"os"
	"os/exec"
	"testing"

	"tabcell/runtime/internal/engineid"
)

const limitedChild = "TABCELL_TEST_LIMITED_ADDRESS_SPACE"

// TestLimitedAddressSpace runs the next test in a process with `ulimit -v`, where memories have no
// guards.
func TestLimitedAddressSpace(t *testing.T) {
	child := exec.Command("sh", "-c", `ulimit -v 100000000 && exec "$0" -test.run=^TestInLimitedAddressSpace$ -test.v`, os.Args[0])
	child.Env = append(os.Environ(), limitedChild+"=1")
	if out, err := child.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestInLimitedAddressSpace(t *testing.T) {
	if os.Getenv(limitedChild) == "" {
		t.Skip("runs in a process of TestLimitedAddressSpace only")
	}
	if limited := AddressSpaceLimited(); limited != (codeEngine() != engineid.Patches()) {
		t.Errorf("limited %v, code of engine %s", limited, codeEngine())
	}
	e := newEngine(t, nil)
	if r, err := evaluate(e, "eyes"); err != nil || string(r.Body) != "yes" {
		t.Errorf("%q, %v", r.Body, err)
	}
	if _, err := evaluate(e, "t"); !errors.Is(err, ErrCrash) {
		t.Error(err)
	}
}
