package server

import (
	"os"
	"testing"
)

func TestTableauHost(t *testing.T) {
	for in, want := range map[string]string{"127.0.0.1": "localhost", "::1": "localhost", "10.1.2.3": "10.1.2.3", "analytics": "analytics"} {
		if got := tableauHost(in); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
	if name, err := os.Hostname(); err == nil && tableauHost("0.0.0.0") != name {
		t.Errorf("0.0.0.0: %s", tableauHost("0.0.0.0"))
	}
}
