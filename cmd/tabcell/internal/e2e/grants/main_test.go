package grants

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/cli"
	"tabcell/cmd/tabcell/internal/scripttest"
	"tabcell/cmd/tabcell/internal/testenv"
)

// TestMain skips the tests if the guests were built from sources that have no grants yet.
func TestMain(m *testing.M) {
	if manifest, err := os.ReadFile(testenv.File("assets/MANIFEST")); err == nil && !strings.Contains(string(manifest), "guest/net.c") {
		fmt.Println("the guests have no grants; build them")
		os.Exit(0)
	}
	scripttest.Main(m, cli.Main)
}
