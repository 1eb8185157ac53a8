package authn

import (
	"strings"
	"testing"
)

// Hashes that TabPy 2.16 wrote for these names, with the passwords P@ssw0rd and q.
const (
	user1Hash = "b8a63cf588cd2399da615042de4732f5b121c4d1042acfb91598a56d2dd3e1d7b9f785213262eddbbd00c7a8c9c3e89d7cb98f31d405cc644b1aeba92c3de40b"
	b1Hash    = "e303a8b85db8f591d335ce93aab6b779fe556a57614ef52018fa339db0c7d99214a1e521f079201904e9ebedc5a79ccef04049142a689f3b39db1cd8b6ca8020"
)

func matches(t *testing.T, h hash, password string, total int) bool {
	t.Helper()
	ok, err := h.matches(password, total)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func TestTabPyHashes(t *testing.T) {
	for _, c := range []struct {
		name, text, password string
		want                 bool
	}{
		{"user1", user1Hash, "P@ssw0rd", true},
		{"user1", strings.ToUpper(user1Hash), "P@ssw0rd", true},
		{"user1", user1Hash, "p@ssw0rd", false},
		{"user1", user1Hash, "", false},
		{"b1", b1Hash, "q", true},
		{"b1", user1Hash, "P@ssw0rd", false}, // the name is in the salt
	} {
		h, err := parseHash(c.name, c.text)
		if err != nil || h.scheme != TabPyScheme {
			t.Fatalf("%s: %v %v", c.name, h.scheme, err)
		}
		for _, total := range []int{tabpyRounds, tabpyRounds + 1, 3 * tabpyRounds} {
			if got := matches(t, h, c.password, total); got != c.want {
				t.Errorf("%s with %q in %d rounds: %v", c.name, c.password, total, got)
			}
		}
	}
}

func TestNewHash(t *testing.T) {
	text, err := NewHash("sécret: pass")
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(text, " \"\n") {
		t.Errorf("%s is not a single field of the file", text)
	}
	h, err := parseHash("anybody", text)
	if err != nil || h.scheme != PBKDF2Scheme || h.rounds < 220_000 || len(h.salt) != 16 {
		t.Fatalf("%s: %+v %v", text, h, err)
	}
	if !matches(t, h, "sécret: pass", h.rounds) || matches(t, h, "sécret:pass", h.rounds) {
		t.Error("the hash does not distinguish the correct password from a wrong one")
	}
	if second, _ := newHash("sécret: pass", 1); strings.Contains(second, strings.Split(text, "$")[3]) {
		t.Error("the salt was used twice")
	}
}

func TestParseHash(t *testing.T) {
	valid, err := newHash("x", 7)
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Split(valid, "$") // "", pbkdf2-sha512, i=7, salt, hash
	with := func(i int, text string) string {
		changed := append([]string{}, fields...)
		changed[i] = text
		return strings.Join(changed, "$")
	}
	for text, want := range map[string]error{
		valid:                                nil,
		user1Hash:                            nil,
		user1Hash[2:]:                        errUnknownScheme,
		user1Hash + "00":                     errUnknownScheme,
		"g" + user1Hash[1:]:                  errUnknownScheme,
		"x":                                  errUnknownScheme,
		"$2b$10$abc":                         errUnknownScheme,
		with(2, "i=0"):                       errPBKDF2Syntax,
		with(2, "i=-5"):                      errPBKDF2Syntax,
		with(2, "i=5000001"):                 errPBKDF2Syntax,
		with(2, "i=99999999999999999999999"): errPBKDF2Syntax,
		with(2, "i=7,l=64"):                  errPBKDF2Syntax,
		with(3, "AAAA"):                      errPBKDF2Syntax,
		with(3, strings.Repeat("AAAA", 22)):  errPBKDF2Syntax,
		with(3, fields[3]+"="):               errPBKDF2Syntax,
		with(4, fields[4][1:]):               errPBKDF2Syntax,
		with(4, ""):                          errPBKDF2Syntax,
		valid + "$x":                         errPBKDF2Syntax,
		"$pbkdf2-sha512$i=7":                 errPBKDF2Syntax,
	} {
		if _, err := parseHash("x", text); err != want {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
}

// TestDummyHash checks that dummy hashes cost as much as others and are all different.
func TestDummyHash(t *testing.T) {
	a, b := dummyHash(100), dummyHash(100)
	if string(a.sum) == string(b.sum) || string(a.salt) == string(b.salt) || a.rounds != 100 {
		t.Errorf("dummy hashes %v and %v", a, b)
	}
	if matches(t, a, "", 100) {
		t.Error("the empty password matches the dummy hash")
	}
}
