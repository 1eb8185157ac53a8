package testenv

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"testing"
)

// NativePython is a process of the Python that TABCELL_NATIVE_PYTHON names, with one thread, as a
// cell has, and in UTC.
type NativePython struct {
	In  io.Writer
	Out *bufio.Reader
}

// StartNativePython starts a native Python with the given arguments. The process ends with the
// test. StartNativePython returns nil if TABCELL_NATIVE_PYTHON is not set.
func StartNativePython(t testing.TB, arguments ...string) *NativePython {
	t.Helper()
	python := os.Getenv("TABCELL_NATIVE_PYTHON")
	if python == "" {
		return nil
	}
	command := exec.Command(python, arguments...)
	command.Env = append(os.Environ(), "TZ=UTC", "OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1")
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); _ = command.Wait() })
	return &NativePython{in, bufio.NewReader(out)}
}
