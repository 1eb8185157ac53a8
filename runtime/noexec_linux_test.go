package runtime

import (
	"errors"
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"
)

const noExecChild = "TABCELL_TEST_NO_EXECUTABLE_MEMORY"

// TestNoExecutableMemory runs the next test in a process that must not make memory executable, as
// with systemd's MemoryDenyWriteExecute.
func TestNoExecutableMemory(t *testing.T) {
	child := exec.Command(os.Args[0], "-test.run=^TestWithoutExecutableMemory$", "-test.v")
	child.Env = append(os.Environ(), noExecChild+"=1")
	if out, err := child.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestWithoutExecutableMemory(t *testing.T) {
	if os.Getenv(noExecChild) == "" {
		t.Skip("runs in a process of TestNoExecutableMemory only")
	}
	prepared, err := Prepare(t.Context(), Config{Guest: bareGuest("", testGuest)})
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Prctl(unix.PR_SET_MDWE, unix.PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0); err != nil {
		t.Skipf("the kernel is older than 6.3: %v", err)
	}
	started, err := prepared.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r, err := evaluate(started, "eyes"); err != nil || string(r.Body) != "yes" {
		t.Errorf("the prepared guest returned %q, error %v", r.Body, err)
	}
	_, err = New(t.Context(), Config{Guest: bareGuest("", testGuest)})
	var forbidden *NoExecutableMemoryError
	if !errors.As(err, &forbidden) {
		t.Errorf("New returned %v, want a NoExecutableMemoryError", err)
	}
	e := newEngine(t, func(c *Config) { c.AllowInterpreter = true })
	if r, err := evaluate(e, "eslow"); err != nil || string(r.Body) != "slow" {
		t.Errorf("the interpreter returned %q, error %v", r.Body, err)
	}
	if _, err := evaluate(e, "t"); !errors.Is(err, ErrCrash) {
		t.Error(err)
	}
}
