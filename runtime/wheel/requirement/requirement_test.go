package requirement

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestRecorded compares the package with the recorded results of Python's package "packaging" (see
// testdata/record.py). The variable TABCELL_PACKAGING names another file of them.
func TestRecorded(t *testing.T) {
	f, err := os.Open(cmp.Or(os.Getenv("TABCELL_PACKAGING"), "testdata/packaging.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := 0
	for scan := bufio.NewScanner(f); scan.Scan(); lines++ {
		fields := strings.Split(scan.Text(), "\t")
		last := len(fields) - 1
		if got := resultOf(fields[0], fields[1:last]); got != fields[last] {
			t.Errorf("%q: %s, packaging has %s", fields[:last], got, fields[last])
		}
	}
	if lines < 3000 {
		t.Errorf("%d lines", lines)
	}
}

func resultOf(kind string, fields []string) string {
	var result string
	var err error
	switch kind {
	case "version":
		var v Version
		v, err = ParseVersion(fields[0])
		result = v.String()
	case "order":
		result = fmt.Sprint(mustVersion(fields[0]).Compare(mustVersion(fields[1])))
	case "condition":
		var s Specifiers
		s, err = ParseSpecifiers(fields[0])
		result = pythonBool[s.Contains(mustVersion(fields[1]))]
	case "requirement":
		result, err = requirementResult(fields[0], fields[1])
	}
	if err != nil {
		return "invalid"
	}
	return result
}

func requirementResult(text, extra string) (string, error) {
	r, err := Parse(text)
	if err != nil {
		return "", err
	}
	applies := pythonBool[r.Applies(Cell("3.13.15"), extra)]
	slices.Sort(r.Extras)
	return fmt.Sprintf("%s [%s] %s", r.Name, strings.Join(r.Extras, ","), applies), nil
}

var pythonBool = map[bool]string{true: "True", false: "False"}

func mustVersion(text string) Version {
	v, err := ParseVersion(text)
	if err != nil {
		panic(err)
	}
	return v
}

// FuzzParse checks that a requirement that can be parsed can be evaluated, and that the order of
// two versions is the reverse of their order the other way round.
func FuzzParse(f *testing.F) {
	f.Add("Requests[socks] (>=2.8,!=3.*); python_version < '3.9' and (extra == \"x\")", "1!1.0rc1.post2.dev3+local.1", "2.0")
	f.Add("x @ https://example.org/x.whl ; os_name not in 'nt'", "v1", "1.0-1")
	f.Fuzz(func(t *testing.T, text, a, b string) {
		v, errV := ParseVersion(a)
		w, errW := ParseVersion(b)
		if errV == nil && errW == nil && v.Compare(w) != -w.Compare(v) {
			t.Errorf("%q and %q: %d, %d", a, b, v.Compare(w), w.Compare(v))
		}
		if again, err := ParseVersion(v.String()); errV == nil && (err != nil || again.Compare(v) != 0) {
			t.Errorf("%q is %q, which is not equal (error %v)", a, v, err)
		}
		if r, err := Parse(text); err == nil {
			r.Applies(Cell("3.13.1"), "x")
			r.Specifiers.Contains(v)
		}
	})
}
