package authn

import (
	"slices"
	"testing"
)

// The expected fields are the results of list(csv.reader([line], delimiter=" ")) in Python 3.13.
func TestSplitFields(t *testing.T) {
	for line, want := range map[string][]string{
		"":               nil,
		"a b":            {"a", "b"},
		" ":              {"", ""},
		" a":             {"", "a"},
		"a ":             {"a", ""},
		"a  b":           {"a", "", "b"},
		"a\tb":           {"a\tb"},
		`"a b" c`:        {"a b", "c"},
		`"a""b" c`:       {`a"b`, "c"},
		`a"b c`:          {`a"b`, "c"},
		`a "b"`:          {"a", "b"},
		`"" b`:           {"", "b"},
		`""`:             {""},
		`"a"b c`:         {"ab", "c"},
		`"a"b"c d`:       {`ab"c`, "d"},
		`"a" "b"`:        {"a", "b"},
		`a""b`:           {`a""b`},
		`"a"""`:          {`a"`},
		`'a b'`:          {"'a", "b'"},
		`a\ b`:           {`a\`, "b"},
		`# it's "x y" z`: {"#", "it's", "x y", "z"},
	} {
		got, err := splitFields(line)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %q %v, want %q", line, got, err, want)
		}
	}
	for _, line := range []string{`"a b`, `a "`, `"`, `"""`, `"a""`} {
		if got, err := splitFields(line); err != errQuote {
			t.Errorf("%q: %q %v", line, got, err)
		}
	}
}

func FuzzFields(f *testing.F) {
	for _, seed := range []string{"", "a b", `"a b" c`, `a"b""`, "é \u2028", `"""" " "`} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if a == "" && b == "" {
			return
		}
		if got, err := splitFields(joinFields(a, b)); err != nil || !slices.Equal(got, []string{a, b}) {
			t.Fatalf("%q and %q were joined to %q and split to %q, error %v", a, b, joinFields(a, b), got, err)
		}
		_, _ = splitFields(a)
	})
}
