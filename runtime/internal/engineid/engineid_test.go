package engineid

import (
	"encoding/hex"
	"strings"
	"testing"
)

func TestName(t *testing.T) {
	for _, c := range []struct{ version, patches, want string }{
		{"v1.12.0", "", "wazero v1.12.0 (stock)"},
		{"", "", "wazero (stock)"},
		{"v1.12.0", strings.Repeat("0123456789abcdef", 4), "wazero v1.12.0, patched 0123456789ab"},
	} {
		if got := name(c.version, c.patches); got != c.want {
			t.Errorf("name(%q, %q) = %q, want %q", c.version, c.patches, got, c.want)
		}
	}
}

// TestPatches checks that the digest is one, and not the placeholder of a patched copy that
// cmd/dist has not written.
func TestPatches(t *testing.T) {
	switch b, err := hex.DecodeString(Patches()); {
	case Patches() == "":
		t.Log("the engine is the stock one")
	case err != nil || len(b) != 32:
		t.Errorf("the digest is %q, want 64 hexadecimal digits", Patches())
	}
}
