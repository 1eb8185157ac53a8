package authn

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
)

// countChecks makes p count the checks that it does.
func (p *Passwords) countChecks() *atomic.Int64 {
	n := new(atomic.Int64)
	p.check = func(h hash, password string, costs []cost) (bool, error) {
		n.Add(1)
		return h.matches(password, costs)
	}
	return n
}

// reload writes the file and puts it in effect, as SIGHUP does.
func (p *Passwords) reload(t *testing.T, text string) {
	t.Helper()
	writeFile(t, p.path, text)
	apply, err := p.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	apply()
}

// TestReloadKeepsVerifiedLogins checks that a login that was verified is not hashed again after a
// reload if the line of its account is unchanged, wherever it is in the file.
func TestReloadKeepsVerifiedLogins(t *testing.T) {
	ann, bob := saltedLine(t, "ann", "right"), saltedLine(t, "bob", "right")
	p, _ := openTestFile(t, ann+bob)
	checks := p.countChecks()
	for i, text := range []string{ann + bob, bob + ann, "# comment\n" + ann, ann + saltedLine(t, "carl", "x"), "ANN" + ann[len("ann"):]} {
		if err := p.verifyFrom("ann", "right", clientA); err != nil {
			t.Fatalf("before reload %d: %v", i, err)
		}
		p.reload(t, text)
	}
	if err := p.verifyFrom("ann", "right", clientB); err != nil || checks.Load() != 1 {
		t.Errorf("%d checks, want 1; error %v", checks.Load(), err)
	}
}

// TestReloadForgetsChangedLines checks that a login that was verified is refused or hashed again
// after a change of its line: another password, another salt, another scheme, another name, no line
// at all. This holds for a reload by a signal and for one by Watch.
func TestReloadForgetsChangedLines(t *testing.T) {
	ann, rest := saltedLine(t, "ann", "right"), saltedLine(t, "bob", "other")
	argon := "ann " + newArgon2("right", 64, 1) + "\n"
	for name, c := range map[string]struct {
		text    string
		refused bool
	}{
		"another password": {saltedLine(t, "ann", "new") + rest, true},
		"another salt":     {saltedLine(t, "ann", "right") + rest, false},
		"another scheme":   {argon + rest, false},
		"unknown scheme":   {"ann lost\n" + rest, true},
		"hash of another":  {"ann " + rest[len("bob "):], true},
		"name of another":  {"carl " + ann[len("ann "):] + rest, true},
		"removed":          {rest, true},
		"commented out":    {"#" + ann + rest, true},
	} {
		for _, watched := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, watched %v", name, watched), func(t *testing.T) {
				p, _ := openTestFile(t, ann+rest)
				checks := p.countChecks()
				if err := p.verifyFrom("ann", "right", clientA); err != nil {
					t.Fatal(err)
				}
				if watched {
					p.watchOnce(t, c.text)
				} else {
					p.reload(t, c.text)
				}
				err := p.verifyFrom("ann", "right", clientA)
				if _, refused := errors.AsType[*RefusedError](err); refused != c.refused || !refused && err != nil || checks.Load() != 2 {
					t.Errorf("%d checks, want 2; refused %v, want %v: %v", checks.Load(), refused, c.refused, err)
				}
			})
		}
	}
}

// watchOnce writes the file and puts it in effect, as Watch does.
func (p *Passwords) watchOnce(t *testing.T, text string) {
	t.Helper()
	writeFile(t, p.path, text)
	w := watcher{passwords: p}
	if got := w.checkResult() + w.checkResult(); got != "new" {
		t.Fatalf("the file was not read: %q", got)
	}
}

// TestRemovedLineIsForgotten checks that a login is hashed again after its line was removed and
// added again without a change.
func TestRemovedLineIsForgotten(t *testing.T) {
	ann, bob := saltedLine(t, "ann", "right"), saltedLine(t, "bob", "other")
	p, _ := openTestFile(t, ann+bob)
	checks := p.countChecks()
	if err := p.verifyFrom("ann", "right", clientA); err != nil {
		t.Fatal(err)
	}
	p.reload(t, bob)
	p.reload(t, ann+bob)
	if err := p.verifyFrom("ann", "right", clientA); err != nil || checks.Load() != 2 {
		t.Errorf("%d checks, want 2; error %v", checks.Load(), err)
	}
}

// TestCheckDuringReload checks that a check that was in progress during a reload is joined, and its
// result kept, if the line is unchanged, and that it is worth nothing if the line has changed.
func TestCheckDuringReload(t *testing.T) {
	ann := saltedLine(t, "ann", "right")
	for text, want := range map[string]int64{ann: 1, saltedLine(t, "ann", "new"): 2} {
		p, _ := openTestFile(t, ann)
		checks := p.countChecks()
		release := p.occupySlots()
		first, second := make(chan error, 1), make(chan error, 1)
		go func() { first <- p.verifyFrom("ann", "right", clientA) }()
		waitFor(t, "the check", func() bool { return p.running() == 1 })
		p.reload(t, text)
		go func() { second <- p.verifyFrom("ann", "right", clientA) }()
		if want > 1 {
			waitFor(t, "another check", func() bool { return p.running() == 2 })
		}
		release()
		if err := <-first; err != nil {
			t.Errorf("the request from before the reload: %v", err)
		}
		if err := <-second; (err == nil) != (want == 1) {
			t.Errorf("the request from after the reload: %v", err)
		}
		waitIdle(t, p)
		if _ = p.verifyFrom("ann", "right", clientA); checks.Load() < want || want == 1 && checks.Load() != 1 {
			t.Errorf("%d checks, want %d", checks.Load(), want)
		}
	}
}

// running returns the number of attempts in progress.
func (p *Passwords) running() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.attempts)
}

// TestReloadTreatsUnknownNamesAlike checks that reloads keep the account that stands in for unknown
// names, unless its cost changes: otherwise only checks of existing names would continue.
func TestReloadTreatsUnknownNamesAlike(t *testing.T) {
	ann := saltedLine(t, "ann", "right")
	p, _ := openTestFile(t, ann)
	dummy := p.accounts.Load().dummy
	if p.reload(t, ann); p.accounts.Load().dummy != dummy {
		t.Error("the dummy has changed")
	}
	p.reload(t, "ann "+newArgon2("right", 64, 1)+"\n")
	if all := p.accounts.Load(); all.dummy.hash.cost != all.costs[0] {
		t.Error("the dummy still has the previous cost")
	}
}
