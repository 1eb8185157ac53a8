package authn

import (
	"net/netip"
	"sync"
	"time"
)

// The throttle. A source may guess wrongly burst times, and then once in every refill: a password of any worth outlasts that. Whoever signed in from
// a source within the last day may do so again whatever others do there, with the same name and password: Tableau Server cannot be locked out by
// those behind the same proxy. GAP: TabPy has no throttle.
const (
	burst            = 30
	refillInterval   = 6 * time.Second
	reserve          = 5 // of them are for guesses that have not just failed: a client that repeats an old password does not keep out one with the new
	failedLoginsKept = 4 // wrong guesses that are remembered of a source, for that
	trustPeriod      = 24 * time.Hour

	maxBuckets       = 4096 // counted at once
	maxTrustedLogins = 4096
)

// proof is a keyed digest of a name and a password.
type loginDigest [32]byte

// lockout counts wrong guesses by source.
type lockout struct {
	now func() time.Time

	mu      sync.Mutex
	buckets map[string]*bucket         // guarded by mu
	trusted map[trustedLogin]time.Time // guarded by mu; until when
}

// acquaintance is who signed in from where.
type trustedLogin struct {
	source string
	login  loginDigest
}

// guesses are what a source may do still, and its last wrong guesses.
type bucket struct {
	tokens  float64 // at the time at
	updated time.Time
	failed  [failedLoginsKept]loginDigest
	next    int // in failed
}

func newLockout(now func() time.Time) *lockout {
	return &lockout{now: now, buckets: map[string]*bucket{}, trusted: map[trustedLogin]time.Time{}}
}

// admit takes one guess from a source's account before it is checked, so that guesses at the same time count as well. It tells whether it took one,
// since those who are trusted need none, or how long the source has to wait.
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
	if b.tokens < needed {
		return false, time.Duration((needed - b.tokens) * float64(refillInterval))
	}
	b.tokens--
	return true, 0
}

// giveBack returns a guess that was taken and not made, or was right.
func (l *lockout) refund(source string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucketOf(source, l.now())
	b.tokens = min(burst, b.tokens+1)
}

// succeeded trusts the source with this name and password.
func (l *lockout) recordSuccess(source string, login loginDigest) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := trustedLogin{source, login}
	if _, known := l.trusted[t]; !known && len(l.trusted) >= maxTrustedLogins {
		evict(l.trusted, func(a, b time.Time) bool { return a.Before(b) })
	}
	l.trusted[t] = l.now().Add(trustPeriod)
}

// failed remembers a wrong guess, which may have been right until the password was changed.
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

// of is a source's account, refilled.
func (l *lockout) bucketOf(source string, now time.Time) *bucket {
	b, ok := l.buckets[source]
	if !ok {
		if len(l.buckets) >= maxBuckets {
			evict(l.buckets, func(a, b *bucket) bool { return a.tokens > b.tokens })
		}
		b = &bucket{tokens: burst, updated: now}
		l.buckets[source] = b
	}
	if elapsed := now.Sub(b.updated); elapsed > 0 {
		b.tokens = min(burst, b.tokens+float64(elapsed)/float64(refillInterval))
	}
	b.updated = now
	return b
}

func (b *bucket) hasFailed(l loginDigest) bool {
	for _, f := range b.failed {
		if f == l {
			return true
		}
	}
	return false
}

// evict drops one of some entries, the one that comes first: all of them would take too long, and which ones they are is random.
func evict[K comparable, V any](from map[K]V, before func(a, b V) bool) {
	const maxInspected = 8
	var worst K
	n := 0
	for key, value := range from {
		if n == 0 || before(value, from[worst]) {
			worst = key
		}
		if n++; n == maxInspected {
			break
		}
	}
	delete(from, worst)
}

// sourceOf is what an address counts as: the address, or the network of an IPv6 subscriber, who has 2^64 of them.
func sourceOf(address string) string {
	if host, err := netip.ParseAddrPort(address); err == nil {
		address = host.Addr().String()
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
