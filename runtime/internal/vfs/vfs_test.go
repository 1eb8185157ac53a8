package vfs

import (
	"errors"
	"strings"
	"testing"
)

func TestLookup(t *testing.T) {
	given := map[string][]byte{"m:json": []byte("P"), "f:/lib/a": []byte("data")}
	l := New(func() (map[string][]byte, error) { return given, nil }, []string{"json", "re"}, func(err error) { t.Error(err) })
	l.Load()
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

// TestLibraryThatCannotBeLoaded has nothing but the list, and is asked for once.
func TestLibraryThatCannotBeLoaded(t *testing.T) {
	told := 0
	l := New(func() (map[string][]byte, error) { return nil, errors.New("damaged") }, []string{"json"}, func(error) { told++ })
	for range 3 {
		if _, ok := l.Lookup([]byte("m:json")); ok {
			t.Error("a module is there")
		}
	}
	if b, ok := l.Lookup([]byte("preload")); !ok || string(b) != "json" || told != 1 {
		t.Errorf("%q, %v, told %d times", b, ok, told)
	}
}
