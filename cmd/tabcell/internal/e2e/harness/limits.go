package harness

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"
)

// SmallLimits returns a configuration with small limits of memory and output, and with a time
// limit for scripts. See Configuration for its placeholders.
func SmallLimits(timeout time.Duration) string {
	return strings.Join([]string{
		"[TabPy]", "TABPY_PORT = ${PORT}", "TABPY_STATE_PATH = ${STATE_PATH}",
		fmt.Sprintf("TABPY_EVALUATE_TIMEOUT = %.3f", timeout.Seconds()),
		"TABCELL_MEMORY_LIMIT_MB = 256", "TABCELL_OUTPUT_LIMIT_MB = 8", "",
	}, "\n")
}

// Patience returns a time limit for scripts that end by themselves.
func Patience() time.Duration { return testenv.Scaled(time.Minute) }

// StartPatient starts a server with small limits, but with a time limit that a script reaches only
// if it runs forever.
func StartPatient(t testing.TB) *Server {
	t.Helper()
	return StartServer(t, SmallLimits(Patience()))
}
