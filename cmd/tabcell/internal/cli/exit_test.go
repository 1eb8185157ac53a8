package cli

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"tabcell/runtime"
)

func TestExitCode(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, exitOK}, {errors.New("x"), exitFailed}, {errReported, exitFailed}, {&usageError{err: errReported}, exitUsage},
		{fmt.Errorf("x: %w", runtime.ErrTimeout), exitLimit}, {context.Canceled, exitInterrupted}, {errors.Join(errInterrupted, nil), exitInterrupted},
		{runtime.ErrCrash, exitFailed},
	} {
		if got := exitCode(c.err); got != c.want {
			t.Errorf("exit code of %v: %d, want %d", c.err, got, c.want)
		}
	}
}
