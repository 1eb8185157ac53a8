package console

import (
	"strings"
	"testing"
)

func TestIdentifier(t *testing.T) {
	for name, want := range map[string]bool{
		"f": true, "_": true, "_2x": true, "größe": true, "価格": true, "a٣": true, strings.Repeat("é", maxIdentifier): true,
		"": false, "2x": false, "a b": false, "a-b": false, "a\n": false, "a.b": false, "a\xff": false, "\xff": false, "x²": true, "²": false,
		strings.Repeat("x", maxIdentifier+1): false,
	} {
		if got := isIdentifier(name); got != want {
			t.Errorf("isIdentifier(%q) is %v", name, got)
		}
	}
}
