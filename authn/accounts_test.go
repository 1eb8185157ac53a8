package authn

import "testing"

// The work must not tell whether a name exists, nor how its password is hashed.
func TestSameWorkForAll(t *testing.T) {
	costly, err := newHash("x", 31_000)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Parse([]byte("a " + user1Hash + "\nb " + costly + "\n" + salted(t, "c", "x") + "d lost\n"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := newRoster(f)
	if err != nil || r.rounds != 31_000 {
		t.Fatalf("%d rounds, %v", r.rounds, err)
	}
	for name, m := range map[string]*member{"a": r.accounts["a"], "b": r.accounts["b"], "c": r.accounts["c"], "d": r.accounts["d"], "nobody": r.nobody} {
		if idle := m.hash.idle(r.rounds); idle < 1 || m.hash.rounds < 1 || idle+m.hash.rounds != r.rounds+1 {
			t.Errorf("%s: %d rounds and %d for nothing", name, m.hash.rounds, idle)
		}
	}
	plain, _ := Parse([]byte("a " + user1Hash))
	if r, _ := newRoster(plain); r.rounds != tabpyRounds {
		t.Errorf("a file of TabPy's costs %d rounds", r.rounds)
	}
}
