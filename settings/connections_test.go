package settings

import (
	"strings"
	"testing"
)

func TestMoreConnectionsThanFiles(t *testing.T) {
	const most = 1_000_000
	if files := maxOpenFiles(); files == 0 || files >= most {
		t.Skipf("the system allows %d open files", files)
	}
	loaded, err := Load(Sources{Environ: []string{"TABCELL_MAX_CONNECTIONS=1000000"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(loaded.Warnings) != 1 || !strings.Contains(loaded.Warnings[0].String(), "LimitNOFILE") {
		t.Errorf("warnings %v", loaded.Warnings)
	}
}

func TestMaxConnections(t *testing.T) {
	if n := maxConnections(); n < minConnections || n > 4096 || maxOpenFiles() > 0 && n > max(minConnections, maxOpenFiles()) {
		t.Errorf("the default is %d connections for %d open files", n, maxOpenFiles())
	}
}
