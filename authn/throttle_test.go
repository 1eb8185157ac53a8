package authn

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestThrottle(t *testing.T) {
	p, c := opened(t, salted(t, "ann", "right")+salted(t, "bob", "right"))
	if err := p.check("ann", "right", here); err != nil {
		t.Fatal(err)
	}
	guess := func(n int) error { return p.check("bob", fmt.Sprint("wrong", n), here) }
	for i := range burst {
		if err, ok := errors.AsType[*Refused](guess(i)); !ok {
			t.Fatalf("guess %d: %v", i, err)
		}
	}
	var throttled *Throttled
	if err := guess(burst); !errors.As(err, &throttled) || throttled.RetryAfter != refill {
		t.Fatalf("guess %d: %v", burst, err)
	}
	if err := p.check("bob", "right", here); !errors.As(err, &throttled) {
		t.Errorf("a right guess by a throttled source: %v", err)
	}
	if err := p.check("nobody", "x", here); !errors.As(err, &throttled) {
		t.Errorf("a name that does not exist is judged otherwise: %v", err)
	}
	if err := p.check("bob", "right", there); err != nil {
		t.Errorf("another source: %v", err)
	}
	// Known or not, a throttled source does not learn which guess is right, or it could try as many as it likes on all who are signed in.
	if err := p.check("bob", "right", here); !errors.As(err, &throttled) {
		t.Errorf("a throttled source guesses what another one has proved: %v", err)
	}
	c.pass(refill)
	if err := p.check("bob", "right", here); err != nil {
		t.Errorf("what another source has proved: %v", err)
	}
	if err, ok := errors.AsType[*Refused](guess(burst)); !ok {
		t.Errorf("after %s: %v", refill, err)
	}
	if err := guess(burst + 1); !errors.As(err, &throttled) {
		t.Errorf("and again: %v", err)
	}
}

// The account of Tableau Server goes on working whatever those behind the same proxy try, also when the file was read anew.
func TestTableauIsNotLockedOut(t *testing.T) {
	p, c := opened(t, salted(t, "tableau", "right"))
	if err := p.check("tableau", "right", here); err != nil {
		t.Fatal(err)
	}
	for i := range burst + 1 {
		_ = p.check("tableau", fmt.Sprint("wrong", i), here)
	}
	c.pass(trusting - time.Second)
	for i := range burst + 1 {
		_ = p.check("tableau", fmt.Sprint("wrong again", i), here)
	}
	release := p.occupy() // others also keep all places busy
	p.reload(t)
	if err := p.check("tableau", "right", here); err != nil {
		t.Errorf("locked out: %v", err)
	}
	var throttled *Throttled
	if err := p.check("tableau", "wrong", here); !errors.As(err, &throttled) {
		t.Errorf("the name alone is enough: %v", err)
	}
	release()
	c.pass(trusting + time.Second)
	p.reload(t)
	for i := range burst {
		_ = p.check("tableau", fmt.Sprint("later", i), here)
	}
	if err := p.check("tableau", "right", here); !errors.As(err, &throttled) {
		t.Errorf("trusted for ever: %v", err)
	}
}

// Somebody whose password was changed is not trusted any more.
func TestTrustEndsWithThePassword(t *testing.T) {
	p, _ := opened(t, salted(t, "ann", "old"))
	if err := p.check("ann", "old", here); err != nil {
		t.Fatal(err)
	}
	writeFile(t, p.path, salted(t, "ann", "new"))
	p.reload(t)
	for range 2 {
		if err, ok := errors.AsType[*Refused](p.check("ann", "old", here)); !ok {
			t.Fatalf("the old password: %v", err)
		}
	}
	if len(p.lockout.trusted) != 0 {
		t.Error("it is trusted still")
	}
	if err := p.check("ann", "new", here); err != nil {
		t.Error(err)
	}
}
