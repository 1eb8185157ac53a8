package pysource

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// importPattern matches the requests for which ImportsAny returns true.
var importPattern = regexp.MustCompile(`(?:import|from)[ \t][ \t\w.,]*?\b(?:scipy|sk_learn)\b`)

func TestImportsAny(t *testing.T) {
	pieces := []string{"import", "from", " ", "\t", "scipy", "sk_learn", "s", ",", ".", `\n`, "x", "é", `"`, "1", "fro", "im", "_"}
	r, found := rand.New(rand.NewPCG(1, 1)), 0
	for range 200_000 {
		var b strings.Builder
		for range r.IntN(9) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		compareWithPattern(t, b.String())
		if ImportsAny([]byte(b.String()), []string{"scipy", "sk_learn"}) {
			found++
		}
	}
	if found < 300 {
		t.Errorf("only %d of the random texts have an import", found)
	}
}

func compareWithPattern(t *testing.T, text string) {
	t.Helper()
	if got, want := ImportsAny([]byte(text), []string{"scipy", "sk_learn"}), importPattern.MatchString(text); got != want {
		t.Errorf("ImportsAny(%q) returned %v, want %v", text, got, want)
	}
}

func FuzzImportsAny(f *testing.F) {
	for _, seed := range []string{"import scipy", `{"script": "\nfrom x import sk_learn.a\nimport os"}`, "from from scipyx", "import\tscipy\n", "importscipy"} {
		f.Add(seed)
	}
	f.Fuzz(compareWithPattern)
}

// TestImportsAnyIsLinear searches long rows of import words. It would take hours if each word were
// searched together with all that follow it.
func TestImportsAnyIsLinear(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("import ", 1<<20), strings.Repeat("from import ", 1<<20),
		"import" + strings.Repeat(" ", 8<<20), strings.Repeat("import", 1<<20),
	} {
		if ImportsAny([]byte(text), []string{"scipy"}) {
			t.Errorf("ImportsAny(%.20q...) returned true", text)
		}
	}
}

// TestImportsAnyInLongRequest has the script before, after and between long data.
func TestImportsAnyInLongRequest(t *testing.T) {
	data := `"data": {"_arg1": ["` + strings.Repeat("x from scipy ", 40_000) + `"]}`
	for text, want := range map[string]bool{
		`{"script": "import scipy", ` + data + `}`:                                        true,
		`{` + data + `, "script": "import scipy"}`:                                        true,
		`{"script": "import json", ` + data + `}`:                                         false,
		`{` + data + `, "script": "import json"}`:                                         false,
		`{` + data + `, "script": "import json", ` + data + `}`:                           true, // the script is at neither end, so all is searched
		`{` + data + `, "script": "` + strings.Repeat(" ", 70_000) + `import scipy"}`:     true,
		`{"script": "return 1", "data": {"_arg1": "` + strings.Repeat("x", 1<<19) + `"}}`: false,
	} {
		if got := ImportsAny([]byte(text), []string{"scipy"}); got != want {
			t.Errorf("%.30q ... %.60q: %v, want %v", text, text[len(text)-60:], got, want)
		}
	}
}
