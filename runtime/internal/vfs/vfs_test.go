package vfs

import (
	"errors"
	"strings"
	"testing"
)

func TestLookup(t *testing.T) {
	resources := map[string][]byte{"m:json": []byte("P"), "f:/lib/a": []byte("data")}
	l := New(func() (map[string][]byte, error) { return resources, nil }, nil, map[string][]byte{"preload": []byte("json re")}, func(err error) { t.Error(err) })
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

// TestFailedLoad checks that a library that cannot be loaded contains only the resources of
// the boot, and that the failure is reported once.
func TestFailedLoad(t *testing.T) {
	reports := 0
	l := New(func() (map[string][]byte, error) { return nil, errors.New("damaged") }, nil, map[string][]byte{"preload": []byte("json")}, func(error) { reports++ })
	for range 3 {
		if _, ok := l.Lookup([]byte("m:json")); ok {
			t.Error("Lookup found a module")
		}
	}
	if b, ok := l.Lookup([]byte("preload")); !ok || string(b) != "json" || reports != 1 {
		t.Errorf("preload is %q, %v; %d errors were reported, want 1", b, ok, reports)
	}
}

// files is a library with modules and data files.
var files = New(func() (map[string][]byte, error) {
	return map[string][]byte{
		"m:json": []byte("PCODE"), "m:json.decoder": []byte("MDECODER"), "m:added": []byte("pSOURCE"), "m:added.part": []byte("mPART"),
		"m:this": []byte("MTHIS"), "f:/lib/json/data/a.txt": []byte("text"), "f:/lib/b": []byte("b"), "m:empty": nil, "preloaded": []byte("x"),
	}, nil
}, nil, nil, nil)

func TestModuleFiles(t *testing.T) {
	for name, want := range map[string]string{
		"f:/lib/json/__init__.py": pycHeader + "CODE", "f:/lib/json/decoder.py": pycHeader + "DECODER", "f:/lib/added/__init__.py": "SOURCE",
		"f:/lib/added/part.py": "PART", "f:/lib/this.py": pycHeader + "THIS", "f:/lib/json/data/a.txt": "text",
	} {
		b, ok := files.Lookup([]byte(name))
		n, sized := files.Size([]byte(name))
		if !ok || string(b) != want || !sized || n != len(want) {
			t.Errorf("%s: %q, %v, size %d, %v", name, b, ok, n, sized)
		}
	}
	for _, name := range []string{
		"f:", "f:/lib", "f:/lib/", "f:/lib/json", "f:/lib/json.py", "f:/lib/json/__init__.pyc", "f:/lib/json.decoder.py", "f:/lib/json/decoder", "f:json/decoder.py",
		"f:/lib/added/__init__.pyc", "f:/lib/__init__.py", "f:/lib//json/decoder.py", "f:/lib/empty.py", "f:.py", "f:/lib/.py", "l:/lib/this.py", "l:/", "l:", "l:/lib/",
	} {
		if b, ok := files.Lookup([]byte(name)); ok {
			t.Errorf("Lookup found %s: %q", name, b)
		}
	}
}

func TestListings(t *testing.T) {
	for folder, want := range map[string]string{
		"/lib": "ladded\x00fb\x00ljson\x00fthis.py\x00", "/lib/json": "f__init__.py\x00ldata\x00fdecoder.py\x00", "/lib/json/data": "fa.txt\x00",
		"/lib/added": "f__init__.py\x00fpart.py\x00",
	} {
		if b, ok := files.Lookup([]byte("l:" + folder)); !ok || string(b) != want {
			t.Errorf("%s: %q, %v, want %q", folder, b, ok, want)
		}
	}
}
