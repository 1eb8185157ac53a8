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
	burst    = 30
	refill   = 6 * time.Second
	reserve  = 5 // of them are for guesses that have not just failed: a client that repeats an old password does not keep out one with the new
	memory   = 4 // wrong guesses that are remembered of a source, for that
	trusting = 24 * time.Hour

	mostSources = 4096 // counted at once
	mostTrusted = 4096
)

// proof is a keyed digest of a name and a password.
type proof [32]byte

// lockout counts wrong guesses by source.
type lockout struct {
	now func() time.Time

	mu      sync.Mutex
	sources map[string]*guesses        // guarded by mu
	trusted map[acquaintance]time.Time // guarded by mu; until when
}

// acquaintance is who signed in from where.
type acquaintance struct {
	source string
	who    proof
}

// guesses are what a source may do still, and its last wrong guesses.
type guesses struct {
	left   float64 // at the time at
	at     time.Time
	failed [memory]proof
	next   int // in failed
}

func newLockout(now func() time.Time) *lockout {
	return &lockout{now: now, sources: map[string]*guesses{}, trusted: map[acquaintance]time.Time{}}
}

// admit takes one guess from a source's account before it is checked, so that guesses at the same time count as well. It tells whether it took one,
// since those who are trusted need none, or how long the source has to wait.
func (l *lockout) admit(source string, who proof) (taken bool, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if now.Before(l.trusted[acquaintance{source, who}]) {
		return false, 0
	}
	g := l.of(source, now)
	need := 1.0
	if g.repeats(who) {
		need += reserve
	}
	if g.left < need {
		return false, time.Duration((need - g.left) * float64(refill))
	}
	g.left--
	return true, 0
}

// giveBack returns a guess that was taken and not made, or was right.
func (l *lockout) giveBack(source string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := l.of(source, l.now())
	g.left = min(burst, g.left+1)
}

// succeeded trusts the source with this name and password.
func (l *lockout) succeeded(source string, who proof) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := acquaintance{source, who}
	if _, known := l.trusted[a]; !known && len(l.trusted) >= mostTrusted {
		evict(l.trusted, func(a, b time.Time) bool { return a.Before(b) })
	}
	l.trusted[a] = l.now().Add(trusting)
}

// failed remembers a wrong guess, which may have been right until the password was changed.
func (l *lockout) failed(source string, who proof) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.trusted, acquaintance{source, who})
	g := l.of(source, l.now())
	if !g.repeats(who) {
		g.failed[g.next] = who
		g.next = (g.next + 1) % memory
	}
}

// of is a source's account, refilled.
func (l *lockout) of(source string, now time.Time) *guesses {
	g, ok := l.sources[source]
	if !ok {
		if len(l.sources) >= mostSources {
			evict(l.sources, func(a, b *guesses) bool { return a.left > b.left })
		}
		g = &guesses{left: burst, at: now}
		l.sources[source] = g
	}
	if since := now.Sub(g.at); since > 0 {
		g.left = min(burst, g.left+float64(since)/float64(refill))
	}
	g.at = now
	return g
}

func (g *guesses) repeats(who proof) bool {
	for _, f := range g.failed {
		if f == who {
			return true
		}
	}
	return false
}

// evict drops one of some entries, the one that comes first: all of them would take too long, and which ones they are is random.
func evict[K comparable, V any](from map[K]V, first func(a, b V) bool) {
	const looked = 8
	var worst K
	n := 0
	for key, value := range from {
		if n == 0 || first(value, from[worst]) {
			worst = key
		}
		if n++; n == looked {
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
	net, _ := ip.Prefix(64) // cannot fail: an IPv6 address has 128 bits
	return net.String()
}
