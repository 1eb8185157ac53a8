package authn

import (
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
