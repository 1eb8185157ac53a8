package vfs

import (
	"strings"
	"testing"
)

func TestLookup(t *testing.T) {
	given := map[string][]byte{"m:json": []byte("P"), "f:/lib/a": []byte("data")}
	l := New(given, []string{"json", "re"})
	given["m:later"] = []byte("M")
	for name, want := range map[string]string{"m:json": "P", "f:/lib/a": "data", "preload": "json re"} {
		if b, ok := l.Lookup([]byte(name)); !ok || string(b) != want {
			t.Errorf("%s: %q, %v", name, b, ok)
		}
	}
	for _, name := range []string{"", "m:later", "f:/lib/../lib/a", "f:/lib//a", "f:/etc/passwd", "/etc/passwd", "M:json", strings.Repeat("x", longestName+1)} {
		if _, ok := l.Lookup([]byte(name)); ok {
			t.Errorf("%.40s is there", name)
		}
	}
}
