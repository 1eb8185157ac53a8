package authn

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// listAccounts returns a file's accounts with their lines, as in "a:1 b:3".
func listAccounts(f *File) string {
	var all []string
	for _, a := range f.Accounts {
		all = append(all, fmt.Sprintf("%s:%d", a.Name, a.Line))
	}
	return strings.Join(all, " ")
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"user1 aa\n": "user1:1",
		"user1 aa":   "user1:1",
		"# accounts\n\n\"User1\" AA\r\n\r\nb bb\r": "user1:3 b:5",
		"a aa\rb bb\n":                    "a:1 b:2",
		"\ufeffa aa\n":                    "a:1",
		"\"#not me\" aa\na aa\n":          "a:2", // Python's reader removes the quotes first
		"#a aa\n# \"open\n#\xff\na aa\n":  "a:4",
		"\"a b\" cc\n":                    "a b:1",
		"ÉMILE aa\nİ aa\n":                "émile:1 i̇:2",
		"a:b aa\n":                        "a:b:1",
		"ann:" + bcryptHash + "\nBob b\n": "ann:1 bob:2", // a line of htpasswd
		"ann:$apr1$r31.....$HqJZimcKQF\n": "ann:1",
		"a:$b $c\n":                       "a:$b:1",
		"":                                "",
		"# empty\n":                       "",
	} {
		f, err := Parse([]byte(text))
		if err != nil || listAccounts(f) != want {
			t.Errorf("%q: %v, want %s", text, err, want)
			continue
		}
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"user1  x\n":                 "line 1: Incorrect entry",
		"# x\nuser1 x \n":            "line 2: Incorrect entry",
		"user1\tx\n":                 "line 1: Incorrect entry",
		"user1\n":                    "line 1: Incorrect entry",
		"user1:x\n":                  "line 1: Incorrect entry",
		"user1:{SHA}" + "x\n":        "line 1: Incorrect entry",
		":" + bcryptHash + "\n":      "line 1: Incorrect entry",
		"Ann:$x\nann:$x\n":           `line 2: the name "ann" is already on line 1`,
		"ann:$2y$31$x\n":             "line 1: the hash does not have the form of bcrypt",
		"a b c\n":                    "line 1: Incorrect entry",
		"\"\" b\n":                   "line 1: Incorrect entry",
		" user1 x\n":                 "line 1: it begins with a space",
		" \n":                        "line 1: it begins with a space",
		"user1 \"\"\n":               "line 1: the hash is empty",
		"user1 \"aa\nb bb\n":         "line 1: a quote is not closed",
		"us\xffer x\n":               "line 1: it is not UTF-8 text",
		"user1 aa\nUSER1 bb\n":       `line 2: the name "user1" is already on line 1`,
		"\u212a aa\nk aa\n":          `line 2: the name "k" is already on line 1`, // the Kelvin sign
		"a $pbkdf2-sha512$i=1$x$y\n": "line 1: the hash does not have the form",
		"a\nb b\n c c\n":             "line 1: Incorrect entry: a name and a hash are expected, with one space between them and none after them\nline 3: it begins",
	} {
		_, err := Parse([]byte(text))
		var line *LineError
		if err == nil || !strings.HasPrefix(err.Error(), want) || !errors.As(err, &line) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	_, err := Parse([]byte(strings.Repeat("x\n", 1000)))
	if got := strings.Count(err.Error(), "\n") + 1; got != 20 {
		t.Errorf("%d invalid lines were listed, want 20", got)
	}
}

// TestParseErrorsOmitHashes checks that errors, which reach the log and the terminal, never repeat
// a hash, which is almost as secret as the password.
func TestParseErrorsOmitHashes(t *testing.T) {
	const secret = "5ec4e7"
	for _, text := range []string{"a  " + secret, "a b " + secret, " " + secret, `a "` + secret, "a $pbkdf2-sha512$i=" + secret, "a b\na " + secret} {
		if _, err := Parse([]byte(text)); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestReadFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.txt")
	if _, err := ReadFile(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if err := os.WriteFile(path, make([]byte, maxFileSize+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFile(path); err == nil || !strings.Contains(err.Error(), "larger") {
		t.Errorf("a file that is too large: %v", err)
	}
}

func TestQuote(t *testing.T) {
	for text, want := range map[string]string{
		"user1": `"user1"`, "a\nb\x1b[31m": `"a\nb\x1b[31m"`, `a"b`: `"a\"b"`, "é": `"é"`, "\u202e": `"\u202e"`,
		strings.Repeat("é", 51): `"` + strings.Repeat("é", 50) + `..."`,
	} {
		if got := quote(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// FuzzParse checks that a file that can be parsed is written back with the same accounts, and that
// an edited file can be parsed again.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "a aa\n", "# c\n\n\"A b\" cc\r\nd " + user1Hash + "\r\n", "a \"b\n", "\ufeffx y", "a b\rc d", "a $pbkdf2-sha512$i=1$AAAAAAAAAAA$" + strings.Repeat("A", 86),
		"ann:" + bcryptHash + "\n\"b:$x\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		file, err := Parse(raw)
		if err != nil {
			return
		}
		before := listAccounts(file)
		again, err := Parse(file.Bytes())
		if err != nil || listAccounts(again) != before {
			t.Fatalf("%q became %q: %v", raw, file.Bytes(), err)
		}
		if err := file.Add("new", "hash"); err != nil && !errors.Is(err, ErrExists) {
			t.Fatal(err)
		}
		for _, a := range again.Accounts {
			if err := file.Update(a.Name, "other"); err != nil {
				t.Fatalf("%q: updating %q: %v", raw, a.Name, err)
			}
		}
		if len(again.Accounts) > 0 {
			if err := file.Remove(again.Accounts[0].Name); err != nil && !errors.Is(err, ErrLastAccount) {
				t.Fatalf("%q: removing %q: %v", raw, again.Accounts[0].Name, err)
			}
		}
		last, err := Parse(file.Bytes())
		if err != nil || listAccounts(last) != listAccounts(file) {
			t.Fatalf("%q after edits %q: %v, %s and not %s", raw, file.Bytes(), err, listAccounts(last), listAccounts(file))
		}
	})
}
