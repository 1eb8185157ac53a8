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
		if err, ok := errors.AsType[*RefusedError](guess(i)); !ok {
			t.Fatalf("guess %d: %v", i, err)
		}
	}
	var throttled *ThrottledError
	if err := guess(burst); !errors.As(err, &throttled) || throttled.RetryAfter != refillInterval {
		t.Fatalf("guess %d: %v", burst, err)
	}
	if err := p.verifyFrom("bob", "right", clientA); !errors.As(err, &throttled) {
		t.Errorf("a correct password from a throttled source: %v", err)
	}
	if err := p.verifyFrom("nobody", "x", clientA); !errors.As(err, &throttled) {
		t.Errorf("an unknown name from a throttled source: %v", err)
	}
	if err := p.verifyFrom("bob", "right", clientB); err != nil {
		t.Errorf("another source: %v", err)
	}
	// A throttled source must not learn that a guess is correct, even if the login is already
	// verified. Otherwise it could guess the passwords of all users who are signed in, without limit.
	if err := p.verifyFrom("bob", "right", clientA); !errors.As(err, &throttled) {
		t.Errorf("a throttled source, with a login that another source has verified: %v", err)
	}
	c.advance(refillInterval)
	if err := p.verifyFrom("bob", "right", clientA); err != nil {
		t.Errorf("after %s, with a login that another source has verified: %v", refillInterval, err)
	}
	if err, ok := errors.AsType[*RefusedError](guess(burst)); !ok {
		t.Errorf("after %s: %v", refillInterval, err)
	}
	if err := guess(burst + 1); !errors.As(err, &throttled) {
		t.Errorf("the next guess: %v, want ThrottledError", err)
	}
}

// TestTrustedLoginIsNotLockedOut checks that the account of Tableau Server keeps working regardless
// of the guesses of other clients behind the same proxy, even after the file was read again.
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
	release := p.occupySlots() // other clients also keep all slots busy
	p.forceReload(t)
	if err := p.verifyFrom("tableau", "right", clientA); err != nil {
		t.Errorf("the trusted login was refused: %v", err)
	}
	var throttled *ThrottledError
	if err := p.verifyFrom("tableau", "wrong", clientA); !errors.As(err, &throttled) {
		t.Errorf("the name of a trusted login with a wrong password: %v", err)
	}
	release()
	c.advance(trustPeriod + time.Second)
	p.forceReload(t)
	for i := range burst {
		_ = p.verifyFrom("tableau", fmt.Sprint("later", i), clientA)
	}
	if err := p.verifyFrom("tableau", "right", clientA); !errors.As(err, &throttled) {
		t.Errorf("still trusted after %s: %v", trustPeriod, err)
	}
}

// TestTrustEndsWithPasswordChange checks that a login with a replaced password is no longer
// trusted.
func TestTrustEndsWithPasswordChange(t *testing.T) {
	p, _ := openTestFile(t, saltedLine(t, "ann", "old"))
	if err := p.verifyFrom("ann", "old", clientA); err != nil {
		t.Fatal(err)
	}
	writeFile(t, p.path, saltedLine(t, "ann", "new"))
	p.forceReload(t)
	for range 2 {
		if err, ok := errors.AsType[*RefusedError](p.verifyFrom("ann", "old", clientA)); !ok {
			t.Fatalf("the old password: %v", err)
		}
	}
	if len(p.lockout.trusted) != 0 {
		t.Error("the old login is still trusted")
	}
	if err := p.verifyFrom("ann", "new", clientA); err != nil {
		t.Error(err)
	}
}
