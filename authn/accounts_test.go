package authn

import "testing"

// TestEqualWorkForAllAccounts checks that the work reveals neither whether a name exists nor how
// its password is hashed.
func TestEqualWorkForAllAccounts(t *testing.T) {
	expensive, err := newHash("x", 31_000)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Parse([]byte("a " + user1Hash + "\nb " + expensive + "\n" + saltedLine(t, "c", "x") + "d lost\n"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := newAccounts(f)
	if err != nil || r.rounds != 31_000 {
		t.Fatalf("%d rounds, want 31000; error %v", r.rounds, err)
	}
	for name, m := range map[string]*account{"a": r.byName["a"], "b": r.byName["b"], "c": r.byName["c"], "d": r.byName["d"], "dummy": r.dummy} {
		if padding := m.hash.paddingRounds(r.rounds); padding < 1 || m.hash.rounds < 1 || padding+m.hash.rounds != r.rounds+1 {
			t.Errorf("%s: %d rounds and %d of padding", name, m.hash.rounds, padding)
		}
	}
	tabpyFile, _ := Parse([]byte("a " + user1Hash))
	if r, _ := newAccounts(tabpyFile); r.rounds != tabpyRounds {
		t.Errorf("a file written by TabPy costs %d rounds, want %d", r.rounds, tabpyRounds)
	}
}
