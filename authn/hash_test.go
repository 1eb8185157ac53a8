package authn

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// Hashes that TabPy 2.16 wrote for these names, with the passwords P@ssw0rd and q.
const (
	user1Hash = "b8a63cf588cd2399da615042de4732f5b121c4d1042acfb91598a56d2dd3e1d7b9f785213262eddbbd00c7a8c9c3e89d7cb98f31d405cc644b1aeba92c3de40b"
	// bcryptHash is of P@ssw0rd.
	bcryptHash = "$2y$05$abcdefghijklmnopqrstuuvJmdr0azmgpG.zfX/YSBzPRhQantUSi"
	b1Hash     = "e303a8b85db8f591d335ce93aab6b779fe556a57614ef52018fa339db0c7d99214a1e521f079201904e9ebedc5a79ccef04049142a689f3b39db1cd8b6ca8020"
)

func matches(t *testing.T, h hash, password string, costs ...cost) bool {
	t.Helper()
	ok, err := h.matches(password, costs)
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func mustParse(t testing.TB, name, text string) hash {
	t.Helper()
	h, err := parseHash(name, text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return h
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
		h := mustParse(t, c.name, c.text)
		if h.scheme != TabPyScheme {
			t.Fatalf("%s: %v", c.name, h.scheme)
		}
		for _, costs := range [][]cost{{h.cost}, {h.cost, {scheme: PBKDF2Scheme, rounds: 3}}} {
			if got := matches(t, h, c.password, costs...); got != c.want {
				t.Errorf("%s with %q at costs %v: %v", c.name, c.password, costs, got)
			}
		}
	}
}

// TestForeignHashes checks hashes that other programs wrote: test vectors of the reference
// implementation of Argon2, and bcrypt hashes of libxcrypt.
func TestForeignHashes(t *testing.T) {
	for _, c := range []struct {
		text, password string
		scheme         HashScheme
	}{
		{"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password", Argon2Scheme},
		{"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "password", Argon2Scheme},
		{"$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", "password", Argon2Scheme},
		{"$2y$05$abcdefghijklmnopqrstuuvJmdr0azmgpG.zfX/YSBzPRhQantUSi", "P@ssw0rd", BcryptScheme},
		{"$2b$04$......................wqbI2WdyEh5i6shPRhsNlk.H2FPzTFm", "sécret: pass", BcryptScheme},
	} {
		h := mustParse(t, "ann", c.text)
		if h.scheme != c.scheme || !matches(t, h, c.password, h.cost) || matches(t, h, c.password+"x", h.cost) || matches(t, h, "", h.cost) {
			t.Errorf("%s: scheme %v; it does not distinguish the correct password", c.text, h.scheme)
		}
	}
}

// TestBcryptTruncates checks that bcrypt ignores all but the first 72 bytes, as htpasswd does.
func TestBcryptTruncates(t *testing.T) {
	h := mustParse(t, "", "$2a$06$XXXXXXXXXXXXXXXXXXXXXOZ/ZxwzQdC0BjLy3pde7Kelx4rxPOgtK") // of 72 letters U
	for length, want := range map[int]bool{71: false, 72: true, 73: true, 200: true} {
		if got := matches(t, h, strings.Repeat("U", length), h.cost); got != want {
			t.Errorf("%d letters: %v", length, got)
		}
	}
}

func TestNewHash(t *testing.T) {
	for scheme, want := range map[HashScheme]cost{
		PBKDF2Scheme: {scheme: PBKDF2Scheme, rounds: 220_000},
		Argon2Scheme: {scheme: Argon2Scheme, rounds: 2, memory: 65536, lanes: 1},
	} {
		text, err := NewHash(scheme, "sécret: pass")
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(text, " \"\n") {
			t.Errorf("%s is not a single field of the file", text)
		}
		h := mustParse(t, "anybody", text)
		if h.cost != want || len(h.salt) != 16 {
			t.Fatalf("%s: %+v", text, h)
		}
		if !matches(t, h, "sécret: pass", h.cost) || matches(t, h, "sécret:pass", h.cost) {
			t.Errorf("%v: the hash does not distinguish the correct password from a wrong one", scheme)
		}
		if second, _ := NewHash(scheme, "sécret: pass"); bytes.Equal(mustParse(t, "", second).salt, h.salt) {
			t.Errorf("%v: the salt was used twice", scheme)
		}
	}
	for _, scheme := range []HashScheme{UnknownScheme, TabPyScheme, BcryptScheme} {
		if text, err := NewHash(scheme, "x"); err == nil {
			t.Errorf("%v: a new hash %s", scheme, text)
		}
	}
}

func TestParseScheme(t *testing.T) {
	for name, want := range map[string]HashScheme{"argon2id": Argon2Scheme, "pbkdf2": PBKDF2Scheme, "bcrypt": UnknownScheme, "": UnknownScheme} {
		if got, err := ParseScheme(name); got != want || (err == nil) != (want != UnknownScheme) {
			t.Errorf("%q: %v, %v", name, got, err)
		}
	}
	if DefaultScheme() != Argon2Scheme {
		t.Errorf("the default is %v", DefaultScheme())
	}
}

func TestParseHash(t *testing.T) {
	valid, err := newPBKDF2("x", 7)
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
		valid:                                   nil,
		user1Hash:                               nil,
		user1Hash[2:]:                           errUnknownScheme,
		user1Hash + "00":                        errUnknownScheme,
		"g" + user1Hash[1:]:                     errUnknownScheme,
		"x":                                     errUnknownScheme,
		"$2x$10$abc":                            errUnknownScheme,
		"$argon2i$v=19$m=64,t=1,p=1$x$y":        errUnknownScheme,
		"$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/": errUnknownScheme,
		"$2b$10$abc":                            errBcryptSyntax,
		with(2, "i=0"):                          errPBKDF2Syntax,
		with(2, "i=-5"):                         errPBKDF2Syntax,
		with(2, "i=5000001"):                    errPBKDF2Syntax,
		with(2, "i=99999999999999999999999"):    errPBKDF2Syntax,
		with(2, "i=7,l=64"):                     errPBKDF2Syntax,
		with(3, "AAAA"):                         errPBKDF2Syntax,
		with(3, strings.Repeat("AAAA", 22)):     errPBKDF2Syntax,
		with(3, fields[3]+"="):                  errPBKDF2Syntax,
		with(4, fields[4][1:]):                  errPBKDF2Syntax,
		with(4, ""):                             errPBKDF2Syntax,
		valid + "$x":                            errPBKDF2Syntax,
		"$pbkdf2-sha512$i=7":                    errPBKDF2Syntax,
	} {
		if _, err := parseHash("x", text); err != want {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
}

// TestParametersAreBounded checks that a file cannot demand more work or memory than the limits,
// and that the error states the value and the limit.
func TestParametersAreBounded(t *testing.T) {
	const salt, sum = "$c29tZXNhbHRzb21lc2FsdA", "$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"
	for text, want := range map[string]string{
		"m=65536,t=2,p=1":            "",
		"m=1048576,t=4,p=16":         "",
		"m=8,t=524288,p=1":           "",
		"m=4194304,t=1,p=1":          "m=4194304, which is in KiB; the limits are 8 and 1048576 (1024 MiB)",
		"m=4294967295,t=1,p=1":       "m=4294967295, which is in KiB",
		"m=4294967296,t=1,p=1":       "does not have the form",
		"m=0,t=1,p=1":                "m=0, which is in KiB",
		"m=15,t=1,p=2":               "m=15, which is in KiB; the limits are 16 and",
		"m=65536,t=0,p=1":            "t=0 passes over m=65536 KiB; the limits are 1 and 64 passes",
		"m=65536,t=65,p=1":           "t=65 passes over m=65536 KiB; the limits are 1 and 64 passes",
		"m=1048576,t=4294967295,p=1": "t=4294967295 passes",
		"m=65536,t=2,p=0":            "p=0; the limits are 1 and 16",
		"m=65536,t=2,p=17":           "p=17; the limits are 1 and 16",
		"m=65536,t=2,p=257":          "p=257; the limits are 1 and 16",
		"m=65536,t=2":                "does not have the form",
		"t=2,m=65536,p=1":            "does not have the form",
		"m=65536,t=2,p=1,keyid=AAAA": "does not have the form",
		"m=-1,t=2,p=1":               "does not have the form",
	} {
		checkHashError(t, "$argon2id$v=19$"+text+salt+sum, want)
	}
	checkHashError(t, "$argon2id$v=16$m=65536,t=2,p=1"+salt+sum, "the version of the argon2id hash is not v=19")
	checkHashError(t, "$argon2id$v=19$m=65536,t=2,p=1$AAAA"+sum, "does not have the form")
	checkHashError(t, "$argon2id$v=19$m=65536,t=2,p=1"+salt+"$AAAA", "does not have the form")
	const rest = "$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"
	for cost, want := range map[string]string{
		"04": "", "16": "", "03": "cost of 3; the limits are 4 and 16", "17": "cost of 17; the limits are 4 and 16", "31": "cost of 31", "4": "does not have the form of bcrypt",
	} {
		checkHashError(t, "$2y$"+cost+rest, want)
	}
}

// checkHashError checks the error of a hash, which also must have the number of its line and omit
// its salt.
func checkHashError(t *testing.T, text, want string) {
	t.Helper()
	_, err := Parse([]byte("# x\nann " + text + "\n"))
	switch {
	case want == "" && err != nil:
		t.Errorf("%s: %v", text, err)
	case want != "" && (err == nil || !strings.HasPrefix(err.Error(), "line 2: ") || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "c29t")):
		t.Errorf("%s: error %v, want %q", text, err, want)
	}
}

// TestDummyHash checks that dummy hashes have the cost asked for, match no password and are all
// different.
func TestDummyHash(t *testing.T) {
	for _, c := range []cost{{scheme: PBKDF2Scheme, rounds: 100}, {scheme: TabPyScheme, rounds: tabpyRounds}, {Argon2Scheme, 1, 64, 2}, {scheme: BcryptScheme, rounds: 4}} {
		a, b := dummyHash(c), dummyHash(c)
		if string(a.sum) == string(b.sum) || string(a.salt) == string(b.salt) || a.cost != c {
			t.Errorf("dummy hashes %v and %v", a, b)
		}
		if matches(t, a, "", c) {
			t.Error("the empty password matches the dummy hash")
		}
	}
	// bcrypt reports an error of the syntax at once, so that a malformed dummy would cost no time.
	h := dummyHash(cost{scheme: BcryptScheme, rounds: 5})
	mustParse(t, "", fmt.Sprintf("$2b$%02d$%s%s", h.rounds, h.salt, h.sum))
}
