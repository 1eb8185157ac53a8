package tck

import (
	"os"
	"strings"
	"testing"
)

// TestPeer runs the kit against the command line in TABCELL_TCK_COMMAND, to which the path of the
// configuration file is appended. With TabPy 2.16 ("tabpy --disable-auth-warning --config") it
// checks the kit; with a tabcell binary it checks the program as released. If TABCELL_TCK_GAPS is
// set, the gaps of tabcell are expected.
func TestPeer(t *testing.T) {
	argv := strings.Fields(os.Getenv("TABCELL_TCK_COMMAND"))
	if len(argv) == 0 {
		t.Skip("TABCELL_TCK_COMMAND is not set")
	}
	target := Command(argv...)
	if os.Getenv("TABCELL_TCK_GAPS") != "" {
		target.Gaps = Gaps
	}
	Run(t, target)
}
