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
	all, err := newAccounts(f)
	if err != nil || all.rounds != 31_000 {
		t.Fatalf("%d rounds, want 31000; error %v", all.rounds, err)
	}
	for name, a := range map[string]*account{"a": all.byName["a"], "b": all.byName["b"], "c": all.byName["c"], "d": all.byName["d"], "dummy": all.dummy} {
		if padding := a.hash.paddingRounds(all.rounds); padding < 1 || a.hash.rounds < 1 || padding+a.hash.rounds != all.rounds+1 {
			t.Errorf("%s: %d rounds and %d of padding", name, a.hash.rounds, padding)
		}
	}
	tabpyFile, _ := Parse([]byte("a " + user1Hash))
	if all, _ := newAccounts(tabpyFile); all.rounds != tabpyRounds {
		t.Errorf("a file written by TabPy costs %d rounds, want %d", all.rounds, tabpyRounds)
	}
}
