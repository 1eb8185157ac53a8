package vfs

import (
	"errors"
	"strings"
	"testing"
)

func TestLookup(t *testing.T) {
	resources := map[string][]byte{"m:json": []byte("P"), "f:/lib/a": []byte("data")}
	l := New(func() (map[string][]byte, error) { return resources, nil }, []string{"json", "re"}, func(err error) { t.Error(err) })
	l.Load()
	resources["m:later"] = []byte("M")
	for name, want := range map[string]string{"m:json": "P", "f:/lib/a": "data", "preload": "json re"} {
		if b, ok := l.Lookup([]byte(name)); !ok || string(b) != want {
			t.Errorf("%s: %q, %v", name, b, ok)
		}
	}
	for _, name := range []string{"", "m:later", "f:/lib/../lib/a", "f:/lib//a", "f:/etc/passwd", "/etc/passwd", "M:json", strings.Repeat("x", maxNameBytes+1)} {
		if _, ok := l.Lookup([]byte(name)); ok {
			t.Errorf("Lookup found %.40q", name)
		}
	}
}

// TestFailedLoad checks that a library that cannot be loaded contains only the preload list, and
// that the failure is reported once.
func TestFailedLoad(t *testing.T) {
	reports := 0
	l := New(func() (map[string][]byte, error) { return nil, errors.New("damaged") }, []string{"json"}, func(error) { reports++ })
	for range 3 {
		if _, ok := l.Lookup([]byte("m:json")); ok {
			t.Error("Lookup found a module")
		}
	}
	if b, ok := l.Lookup([]byte("preload")); !ok || string(b) != "json" || reports != 1 {
		t.Errorf("preload is %q, %v; %d errors were reported, want 1", b, ok, reports)
	}
}
