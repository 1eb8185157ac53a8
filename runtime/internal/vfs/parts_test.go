package vfs

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
)

// partsLibrary returns a library with a folder, a module in a file, and a damaged part. loads
// counts the calls of each function, and reports collects the reported errors.
func partsLibrary(t *testing.T) (l *Library, loads map[string]int, reports *[]string) {
	t.Helper()
	var mu sync.Mutex
	loads, reports = map[string]int{}, new([]string)
	loader := func(name string, resources map[string][]byte, err error) Loader {
		return func() (map[string][]byte, error) {
			mu.Lock()
			defer mu.Unlock()
			loads[name]++
			return resources, err
		}
	}
	parts := map[string]Loader{
		"net/":   loader("net", map[string][]byte{"m:net": []byte("PNET"), "m:net.url": []byte("MURL"), "f:/lib/net/ca.pem": []byte("ca"), "m:other": []byte("M")}, nil),
		"six.py": loader("six", map[string][]byte{"m:six": []byte("MSIX")}, nil),
		"bad/":   loader("bad", nil, errors.New("damaged")),
	}
	main := loader("main", map[string][]byte{"m:json": []byte("PJSON"), "f:/lib/data/a": []byte("a")}, nil)
	return New(main, parts, map[string][]byte{"preload": []byte("json")}, func(err error) {
		mu.Lock()
		defer mu.Unlock()
		*reports = append(*reports, err.Error())
	}), loads, reports
}

func TestParts(t *testing.T) {
	for _, c := range []struct{ name, want, loads string }{
		{"m:json", "PJSON", ""},
		{"preload", "json", ""},
		{"m:net", "PNET", "net"},
		{"m:net.url", "MURL", "net"},
		{"f:/lib/net/ca.pem", "ca", "net"},
		{"f:/lib/net/url.py", pycHeader + "URL", "net"},
		{"l:/lib/net", "f__init__.py\x00fca.pem\x00furl.py\x00", "net"},
		{"m:six", "MSIX", "six"},
		{"f:/lib/six.py", pycHeader + "SIX", "six"},
		{"l:/lib", "lbad\x00ldata\x00ljson\x00lnet\x00fsix.py\x00", ""},
		{"m:net.missing", "", "net"},
		{"l:/lib/net/missing", "", "net"},
		{"m:bad", "", "bad"},
		{"f:/lib/bad/a", "", "bad"},
		{"m:other", "", ""}, // the part with it has another entry
		{"f:/lib/net", "", ""},
		{"f:/lib/net.py", "", ""},
		{"l:/lib/six.py", "", ""},
		{"f:/lib/six.py/a", "", ""},
		{"f:/lib/six.pyc", "", ""},
		{"m:", "", ""},
		{"m:*", "", ""},
		{"m:/", "", ""},
		{"dist:net", "", ""},
		{"f:/net/ca.pem", "", ""},
		{"f:/lib/../lib/net/ca.pem", "", ""},
		{"net/", "", ""},
	} {
		l, loads, _ := partsLibrary(t)
		for range 2 {
			b, ok := l.Lookup([]byte(c.name))
			n, sized := l.Size([]byte(c.name))
			if string(b) != c.want || ok != (c.want != "") || sized != ok || n != len(b) {
				t.Errorf("%s: %q, %v, size %d, %v, want %q", c.name, b, ok, n, sized, c.want)
			}
		}
		delete(loads, "main")
		if c.loads == "" && len(loads) > 0 || c.loads != "" && (len(loads) != 1 || loads[c.loads] != 1) {
			t.Errorf("%s: loaded %v, want %q once", c.name, loads, c.loads)
		}
	}
}

// TestDamagedPart checks that a part that cannot be loaded is reported once, and that the others
// can be used.
func TestDamagedPart(t *testing.T) {
	l, _, reports := partsLibrary(t)
	for range 3 {
		if _, ok := l.Lookup([]byte("m:bad.part")); ok {
			t.Error("Lookup found a module of the damaged part")
		}
	}
	if len(*reports) != 1 || !strings.Contains((*reports)[0], "/lib/bad/: damaged") {
		t.Errorf("reported %q", *reports)
	}
	if _, ok := l.Lookup([]byte("m:net")); !ok {
		t.Error("Lookup did not find a module of another part")
	}
}

// TestPartsConcurrently looks up resources of all parts from many goroutines.
func TestPartsConcurrently(t *testing.T) {
	l, loads, reports := partsLibrary(t)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			for name, want := range map[string]string{"m:net.url": "MURL", "m:six": "MSIX", "m:bad": "", "l:/lib/net": "f__init__.py\x00fca.pem\x00furl.py\x00"} {
				if b, _ := l.Lookup([]byte(name)); string(b) != want {
					t.Errorf("%s: %q, want %q", name, b, want)
				}
			}
		})
	}
	wg.Wait()
	for name, n := range loads {
		if n != 1 {
			t.Errorf("%s was loaded %d times", name, n)
		}
	}
	if len(*reports) != 1 {
		t.Errorf("reported %q", *reports)
	}
}

func TestModules(t *testing.T) {
	l, loads, _ := partsLibrary(t)
	if got := l.Modules(""); !slices.Equal(got, []string{"bad", "json", "net", "six"}) || len(loads) != 1 {
		t.Errorf("top-level modules %q, loaded %v", got, loads)
	}
	for parent, want := range map[string][]string{"net": {"url"}, "json": nil, "missing": nil, "net.url": nil} {
		if got := l.Modules(parent); !slices.Equal(got, want) {
			t.Errorf("modules in %s: %q, want %q", parent, got, want)
		}
	}
	if !l.HasModule("net.url") || !l.HasModule("json") || l.HasModule("net.missing") || l.HasModule("data") {
		t.Error("HasModule is wrong")
	}
}
