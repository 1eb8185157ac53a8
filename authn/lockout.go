package authn

import (
	"net/netip"
	"slices"
	"sync"
	"time"
)

// The throttle is a token bucket for each source: burst failed logins at once, then one for each
// refillInterval. A reasonable password outlasts that. A name and password that succeeded from a
// source within trustPeriod are admitted from that source regardless of other clients there:
// Tableau Server cannot be locked out by clients behind the same proxy. GAP: TabPy has no throttle.
const (
	burst          = 30
	refillInterval = 6 * time.Second
	trustPeriod    = 24 * time.Hour

	// reserve is the part of burst kept for logins that have not just failed: a client that repeats
	// an old password does not lock out one with the new password.
	reserve = 5
	// failedLoginsKept is how many failed logins of a source are remembered for that purpose.
	failedLoginsKept = 4

	maxBuckets       = 4096
	maxTrustedLogins = 4096
)

// loginDigest is a keyed digest of a name and a password.
type loginDigest [32]byte

// lockout counts failed logins by source.
type lockout struct {
	now func() time.Time

	mu      sync.Mutex
	buckets map[string]*bucket         // by source; guarded by mu
	trusted map[trustedLogin]time.Time // until when each is trusted; guarded by mu
}

// trustedLogin is a login that succeeded, and the source that it came from.
type trustedLogin struct {
	source string
	login  loginDigest
}

// bucket holds the guesses that a source has left, and its last failed logins.
type bucket struct {
	guesses float64 // left at the time updated
	updated time.Time
	failed  [failedLoginsKept]loginDigest
	next    int // index into failed of the entry to replace next
}

func newLockout(now func() time.Time) *lockout {
	return &lockout{now: now, buckets: map[string]*bucket{}, trusted: map[trustedLogin]time.Time{}}
}

// admit takes a guess from the source's bucket before the login is checked, so that concurrent
// guesses count too. It returns whether a guess was charged, since trusted logins are free, or how
// long the source has to wait.
func (l *lockout) admit(source string, login loginDigest) (charged bool, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if now.Before(l.trusted[trustedLogin{source, login}]) {
		return false, 0
	}
	b := l.bucketOf(source, now)
	needed := 1.0
	if b.hasFailed(login) {
		needed += reserve
	}
	if b.guesses < needed {
		return false, time.Duration((needed - b.guesses) * float64(refillInterval))
	}
	b.guesses--
	return true, 0
}

// refund returns a charged guess, for a login that was correct or was not checked.
func (l *lockout) refund(source string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucketOf(source, l.now())
	b.guesses = min(burst, b.guesses+1)
}

// recordSuccess trusts the login from this source.
func (l *lockout) recordSuccess(source string, login loginDigest) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := trustedLogin{source, login}
	if _, known := l.trusted[t]; !known && len(l.trusted) >= maxTrustedLogins {
		evict(l.trusted, func(a, b time.Time) bool { return a.Before(b) })
	}
	l.trusted[t] = l.now().Add(trustPeriod)
}

// recordFailure remembers a failed login and ends any trust in it: it may have been correct until
// the password was changed.
func (l *lockout) recordFailure(source string, login loginDigest) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.trusted, trustedLogin{source, login})
	b := l.bucketOf(source, l.now())
	if !b.hasFailed(login) {
		b.failed[b.next] = login
		b.next = (b.next + 1) % failedLoginsKept
	}
}

// bucketOf returns the source's bucket, refilled up to now. l.mu must be held.
func (l *lockout) bucketOf(source string, now time.Time) *bucket {
	b, ok := l.buckets[source]
	if !ok {
		if len(l.buckets) >= maxBuckets {
			evict(l.buckets, func(a, b *bucket) bool { return a.guesses > b.guesses })
		}
		b = &bucket{guesses: burst, updated: now}
		l.buckets[source] = b
	}
	if elapsed := now.Sub(b.updated); elapsed > 0 {
		b.guesses = min(burst, b.guesses+float64(elapsed)/float64(refillInterval))
	}
	b.updated = now
	return b
}

func (b *bucket) hasFailed(login loginDigest) bool { return slices.Contains(b.failed[:], login) }

// evict deletes one entry: the one that sorts first, by before, among a random sample of eight. To
// compare all entries would take too long.
func evict[K comparable, V any](from map[K]V, before func(a, b V) bool) {
	const sampleSize = 8
	var victim K
	n := 0
	for key, value := range from { // in random order
		if n == 0 || before(value, from[victim]) {
			victim = key
		}
		if n++; n == sampleSize {
			break
		}
	}
	delete(from, victim)
}

// sourceOf returns the source that an address counts as: the address itself, or for IPv6 its /64
// network, since one subscriber has 2^64 addresses. An address may carry a port.
func sourceOf(address string) string {
	if addrPort, err := netip.ParseAddrPort(address); err == nil {
		address = addrPort.Addr().String()
	}
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	prefix, _ := ip.Prefix(64) // cannot fail: an IPv6 address has 128 bits
	return prefix.String()
}
