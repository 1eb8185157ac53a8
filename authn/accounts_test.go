package authn

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestEqualWorkForAllAccounts checks that the work reveals neither whether a name exists nor how
// its password is hashed: every check derives once with each cost that the file has.
func TestEqualWorkForAllAccounts(t *testing.T) {
	expensive, err := newPBKDF2("x", 31_000)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Parse([]byte("a " + user1Hash + "\nb " + expensive + "\n" + saltedLine(t, "c", "x") + "d lost\n" +
		"e " + newArgon2("x", 64, 1) + "\nf " + newArgon2("y", 64, 1) + "\ng " + newArgon2("x", 32, 2) + "\nh " + bcryptHash + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	all, err := newAccounts(f, testMemory)
	if err != nil {
		t.Fatal(err)
	}
	want := []cost{{scheme: TabPyScheme, rounds: 10_000}, {scheme: PBKDF2Scheme, rounds: 31_000}, {scheme: PBKDF2Scheme, rounds: 20},
		{Argon2Scheme, 1, 64, 1}, {Argon2Scheme, 2, 32, 1}, {scheme: BcryptScheme, rounds: 5}}
	if !slices.Equal(all.costs, want) || all.memory != 64<<10 {
		t.Errorf("the costs are %v and %d bytes, want %v", all.costs, all.memory, want)
	}
	for name, a := range all.byName {
		if !slices.Contains(all.costs, a.hash.cost) {
			t.Errorf("the cost of %s, %v, is not among those of every check", name, a.hash.cost)
		}
	}
	if !slices.Contains(all.costs, all.dummy.hash.cost) || all.dummy.exists {
		t.Errorf("unknown names cost %v", all.dummy.hash.cost)
	}
	if len(all.warnings) != 2 || !strings.Contains(all.warnings[1], "6 different costs") {
		t.Errorf("warnings %q", all.warnings)
	}
	tabpyFile, _ := Parse([]byte("a " + user1Hash))
	if all, _ := newAccounts(tabpyFile, testMemory); !slices.Equal(all.costs, want[:1]) || all.memory != 0 {
		t.Errorf("a file written by TabPy costs %v, %d bytes", all.costs, all.memory)
	}
	unusable, _ := Parse([]byte("a lost\nb lost"))
	if all, _ := newAccounts(unusable, testMemory); len(all.costs) != 1 || all.dummy.hash.cost != all.costs[0] {
		t.Errorf("a file without a usable hash costs %v", all.costs)
	}
}

// TestMatchesDoesTheWorkOfAllCosts checks that a check also derives with the costs of other hashes:
// argon2 panics at a cost of no passes.
func TestMatchesDoesTheWorkOfAllCosts(t *testing.T) {
	h := mustParse(t, "user1", user1Hash)
	defer func() {
		if recover() == nil {
			t.Error("the work of another cost was left out")
		}
	}()
	_, _ = h.matches("P@ssw0rd", []cost{h.cost, {Argon2Scheme, 0, 64, 1}})
}

// TestMemoryOfHashes checks that a file with a hash that needs more memory than configured is
// refused, with the line.
func TestMemoryOfHashes(t *testing.T) {
	f, err := Parse([]byte("# x\na " + newArgon2("x", 64, 1) + "\nb " + newArgon2("x", 65, 1) + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newAccounts(f, 65<<10); err != nil {
		t.Error(err)
	}
	_, err = newAccounts(f, 64<<10)
	if err == nil || !strings.HasPrefix(err.Error(), `line 3: the hash of "b" needs`) || strings.Contains(err.Error(), "line 2") || !strings.Contains(err.Error(), "TABCELL_PASSWORD_MEMORY_MB") {
		t.Errorf("error %v", err)
	}
}

// TestVerifiedLoginExpires checks that a login is hashed again after verifiedPeriod.
func TestVerifiedLoginExpires(t *testing.T) {
	var a account
	now := time.Now()
	login := loginDigest{1}
	if a.isVerified(login, now) || a.isVerified(loginDigest{}, now) {
		t.Error("a login is verified before the first")
	}
	a.verified.Store(&verifiedLogin{login, now.Add(verifiedPeriod)})
	for after, want := range map[time.Duration]bool{0: true, verifiedPeriod - 1: true, verifiedPeriod: false, 2 * verifiedPeriod: false} {
		if a.isVerified(login, now.Add(after)) != want || a.isVerified(loginDigest{2}, now.Add(after)) {
			t.Errorf("after %v: want %v", after, want)
		}
	}
}

// TestExpiredLoginIsCheckedAgain checks that isVerified has the clock and that a check renews it.
func TestExpiredLoginIsCheckedAgain(t *testing.T) {
	p, c := openTestFile(t, saltedLine(t, "ann", "right"))
	checks := 0
	p.check = func(h hash, password string, costs []cost) (bool, error) { checks++; return h.matches(password, costs) }
	for i, step := range []struct {
		wait time.Duration
		want int
	}{{0, 1}, {verifiedPeriod - time.Second, 1}, {time.Second, 2}, {time.Second, 2}} {
		c.advance(step.wait)
		if err := p.verifyFrom("ann", "right", clientA); err != nil || checks != step.want {
			t.Errorf("step %d: %d checks, want %d; error %v", i, checks, step.want, err)
		}
	}
}
