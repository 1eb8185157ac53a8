package tck

import (
	"os"
	"strings"
	"testing"
)

// TestPeer measures the server that the command line in TABCELL_TCK_COMMAND starts, to which a configuration file is added: with TabPy 2.16,
// "tabpy --disable-auth-warning --config", it shows that the kit is right; with a built tabcell, it shows the program as people have it.
// The intended differences of tabcell count only when TABCELL_TCK_GAPS is set.
func TestPeer(t *testing.T) {
	argv := strings.Fields(os.Getenv("TABCELL_TCK_COMMAND"))
	if len(argv) == 0 {
		t.Skip("TABCELL_TCK_COMMAND names no command")
	}
	target := Command(argv...)
	if os.Getenv("TABCELL_TCK_GAPS") != "" {
		target.Gaps = Gaps
	}
	Run(t, target)
}
