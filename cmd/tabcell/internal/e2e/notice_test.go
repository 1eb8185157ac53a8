package e2e

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/httpapi/console/web"
)

// noticeNames returns the names in NOTICE in lower case. A name is a line followed by an indented
// licence.
func noticeNames(t *testing.T) map[string]bool {
	t.Helper()
	raw, err := os.ReadFile(testenv.File("NOTICE"))
	if err != nil {
		t.Fatal(err)
	}
	lists, _, found := strings.Cut(string(raw), "5. Texts of the licences")
	if !found {
		t.Fatal("NOTICE has no fifth section")
	}
	names := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^(\S.*)\n {4}\S`).FindAllStringSubmatch(lists, -1) {
		names[strings.ToLower(m[1])] = true
	}
	return names
}

// TestNoticeNamesModules checks that NOTICE names exactly the modules that go.mod requires.
func TestNoticeNamesModules(t *testing.T) {
	raw, err := os.ReadFile(testenv.File("go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	names, required := noticeNames(t), map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^(?:require)?\s+(\S+\.\S+/\S+) v\d`).FindAllStringSubmatch(string(raw), -1) {
		required[strings.ToLower(m[1])] = true
		if !names[strings.ToLower(m[1])] {
			t.Errorf("NOTICE does not name %s", m[1])
		}
	}
	if len(required) < 10 {
		t.Errorf("found only %d modules in go.mod", len(required))
	}
	for name := range names {
		if first, _, path := strings.Cut(name, "/"); path && strings.Contains(first, ".") && !required[name] {
			t.Errorf("NOTICE names %s, which go.mod does not require", name)
		}
	}
}

// TestNoticeNamesComponents checks that NOTICE names all components of the guest.
func TestNoticeNamesComponents(t *testing.T) {
	names := noticeNames(t)
	for _, c := range assets.Manifest().Components {
		if !names[strings.ToLower(c.Name)] {
			t.Errorf("NOTICE does not name %s", c.Name)
		}
	}
}

// TestNoticeNamesLibraries checks that NOTICE names exactly the libraries that are bundled into the
// console.
func TestNoticeNamesLibraries(t *testing.T) {
	libraries, err := web.Libraries()
	if err != nil || len(libraries) < 10 {
		t.Fatalf("the console has %d libraries, error %v", len(libraries), err)
	}
	names, bundled := noticeNames(t), map[string]bool{}
	for _, l := range libraries {
		bundled[l.Name] = true
		if !names[l.Name] {
			t.Errorf("NOTICE does not name %s", l.Name)
		}
	}
	for name := range names {
		if strings.HasPrefix(name, "@") && !bundled[name] {
			t.Errorf("NOTICE names %s, which the console does not contain", name)
		}
	}
}
