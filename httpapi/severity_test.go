package httpapi

import (
	"errors"
	"fmt"
	"io"
	"os"
	"testing"

	"github.com/rs/zerolog"

	"tabcell/runtime"
)

// Failures that every client can cause are no errors in the log.
func TestSeverities(t *testing.T) {
	for want, failures := range map[zerolog.Level][]error{
		zerolog.InfoLevel:  {&bodyReadError{io.ErrUnexpectedEOF}, &bodyReadError{os.ErrDeadlineExceeded}, &unknownEndpointError{}, &runtime.ScriptError{}, runtime.ErrPreparing},
		zerolog.WarnLevel:  {&bodyTooLargeError{}, &bodyReadError{fmt.Errorf("the body %w", errOverLimit)}, runtime.ErrTimeout, runtime.ErrMemory},
		zerolog.ErrorLevel: {errors.New("unexpected"), runtime.ErrCrash, &auditError{errors.New("disk full")}},
	} {
		for _, err := range failures {
			if got := severityOf(err).failureLevel(); got != want {
				t.Errorf("%T %v is logged as %v, want %v", err, err, got, want)
			}
		}
	}
}
