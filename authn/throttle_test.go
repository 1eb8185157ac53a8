package authn

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestThrottle(t *testing.T) {
	p, c := openTestFile(t, saltedLine(t, "ann", "right")+saltedLine(t, "bob", "right"))
	if err := p.verifyFrom("ann", "right", clientA); err != nil {
		t.Fatal(err)
	}
	guess := func(n int) error { return p.verifyFrom("bob", fmt.Sprint("wrong", n), clientA) }
	for i := range burst {
		if err, ok := errors.AsType[*Refused](guess(i)); !ok {
			t.Fatalf("guess %d: %v", i, err)
		}
	}
	var throttled *Throttled
	if err := guess(burst); !errors.As(err, &throttled) || throttled.RetryAfter != refillInterval {
		t.Fatalf("guess %d: %v", burst, err)
	}
	if err := p.verifyFrom("bob", "right", clientA); !errors.As(err, &throttled) {
		t.Errorf("a right guess by a throttled source: %v", err)
	}
	if err := p.verifyFrom("nobody", "x", clientA); !errors.As(err, &throttled) {
		t.Errorf("a name that does not exist is judged otherwise: %v", err)
	}
	if err := p.verifyFrom("bob", "right", clientB); err != nil {
		t.Errorf("another source: %v", err)
	}
	// Known or not, a throttled source does not learn which guess is right, or it could try as many as it likes on all who are signed in.
	if err := p.verifyFrom("bob", "right", clientA); !errors.As(err, &throttled) {
		t.Errorf("a throttled source guesses what another one has proved: %v", err)
	}
	c.advance(refillInterval)
	if err := p.verifyFrom("bob", "right", clientA); err != nil {
		t.Errorf("what another source has proved: %v", err)
	}
	if err, ok := errors.AsType[*Refused](guess(burst)); !ok {
		t.Errorf("after %s: %v", refillInterval, err)
	}
	if err := guess(burst + 1); !errors.As(err, &throttled) {
		t.Errorf("and again: %v", err)
	}
}

// The account of Tableau Server goes on working whatever those behind the same proxy try, also when the file was read anew.
func TestTrustedLoginIsNotLockedOut(t *testing.T) {
	p, c := openTestFile(t, saltedLine(t, "tableau", "right"))
	if err := p.verifyFrom("tableau", "right", clientA); err != nil {
		t.Fatal(err)
	}
	for i := range burst + 1 {
		_ = p.verifyFrom("tableau", fmt.Sprint("wrong", i), clientA)
	}
	c.advance(trustPeriod - time.Second)
	for i := range burst + 1 {
		_ = p.verifyFrom("tableau", fmt.Sprint("wrong again", i), clientA)
	}
	release := p.occupySlots() // others also keep all places busy
	p.forceReload(t)
	if err := p.verifyFrom("tableau", "right", clientA); err != nil {
		t.Errorf("locked out: %v", err)
	}
	var throttled *Throttled
	if err := p.verifyFrom("tableau", "wrong", clientA); !errors.As(err, &throttled) {
		t.Errorf("the name alone is enough: %v", err)
	}
	release()
	c.advance(trustPeriod + time.Second)
	p.forceReload(t)
	for i := range burst {
		_ = p.verifyFrom("tableau", fmt.Sprint("later", i), clientA)
	}
	if err := p.verifyFrom("tableau", "right", clientA); !errors.As(err, &throttled) {
		t.Errorf("trusted for ever: %v", err)
	}
}

// Somebody whose password was changed is not trusted any more.
func TestTrustEndsWithPasswordChange(t *testing.T) {
	p, _ := openTestFile(t, saltedLine(t, "ann", "old"))
	if err := p.verifyFrom("ann", "old", clientA); err != nil {
		t.Fatal(err)
	}
	writeFile(t, p.path, saltedLine(t, "ann", "new"))
	p.forceReload(t)
	for range 2 {
		if err, ok := errors.AsType[*Refused](p.verifyFrom("ann", "old", clientA)); !ok {
			t.Fatalf("the old password: %v", err)
		}
	}
	if len(p.lockout.trusted) != 0 {
		t.Error("it is trusted still")
	}
	if err := p.verifyFrom("ann", "new", clientA); err != nil {
		t.Error(err)
	}
}
