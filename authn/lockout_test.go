package authn

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestSourceOf(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "192.0.2.1:4711": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1", "[::ffff:192.0.2.1]:80": "192.0.2.1",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "[2001:db8:1:2::7%eth0]:80": "2001:db8:1:2::/64", "::1": "::/64",
		"@": "@", "": "",
	} {
		if got := sourceOf(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}

// TestRepeatedPasswordLeavesReserve checks that a client that repeats an old password does not use
// up the guesses of a client with the new one.
func TestRepeatedPasswordLeavesReserve(t *testing.T) {
	c := newClock()
	l := newLockout(c.Now)
	old, current := loginDigest{1}, loginDigest{2}
	admitted := 0
	for range 2 * burst {
		if _, wait := l.admit(clientA, old); wait == 0 {
			admitted++
			l.recordFailure(clientA, old)
		}
	}
	if admitted != burst-reserve {
		t.Errorf("the old password was checked %d times, want %d", admitted, burst-reserve)
	}
	if _, wait := l.admit(clientA, old); wait != refillInterval {
		t.Errorf("the old password has to wait %s, want %s", wait, refillInterval)
	}
	if _, wait := l.admit(clientA, current); wait != 0 {
		t.Errorf("the new password has to wait %s", wait)
	}
}

func TestBucketRefills(t *testing.T) {
	c := newClock()
	l := newLockout(c.Now)
	for i := range burst {
		if _, wait := l.admit(clientA, loginDigest{byte(i), 1}); wait != 0 {
			t.Fatalf("guess %d has to wait %s", i, wait)
		}
	}
	c.advance(-time.Hour) // a clock that is set back costs no guesses
	if _, wait := l.admit(clientA, loginDigest{9}); wait != refillInterval {
		t.Errorf("wait is %s, want %s", wait, refillInterval)
	}
	c.advance(100 * refillInterval * burst)
	for i := range burst {
		if _, wait := l.admit(clientA, loginDigest{byte(i), 2}); wait != 0 {
			t.Fatalf("guess %d after the refill has to wait %s", i, wait)
		}
	}
	if _, wait := l.admit(clientA, loginDigest{9}); wait == 0 {
		t.Error("the bucket was refilled beyond its size")
	}
}

// TestLockoutIsBounded checks that a client with many addresses can neither fill the memory nor
// make the server forget the failed logins of one address.
func TestLockoutIsBounded(t *testing.T) {
	c := newClock()
	l := newLockout(c.Now)
	for i := range burst {
		l.admit(clientA, loginDigest{byte(i), 1})
	}
	for i := range 3 * maxBuckets {
		login := loginDigest{byte(i), byte(i >> 8)}
		l.admit(fmt.Sprint("source", i), login)
		l.recordSuccess(fmt.Sprint("source", i), login)
	}
	if len(l.buckets) > maxBuckets || len(l.trusted) > maxTrustedLogins {
		t.Errorf("%d sources, %d trusted", len(l.buckets), len(l.trusted))
	}
	if _, wait := l.admit(clientA, loginDigest{9}); wait == 0 {
		t.Error("the throttled source was evicted before the others")
	}
}

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
	if err := p.verifyFrom("unknown", "x", clientA); !errors.As(err, &throttled) {
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
