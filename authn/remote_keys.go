package authn

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// The times of a key set at an address. The first three are TabPy's.
const (
	freshPeriod   = 300 * time.Second // a set is used without a question
	retryInterval = 30 * time.Second  // no fetch after one that failed, or that did not bring the key it was made for
	fetchTimeout  = 10 * time.Second  // a fetch is given up
	stalePeriod   = time.Hour         // a set that cannot be renewed is used: a key server may be away for a while, but keys that were withdrawn must end
	waitMargin    = time.Second       // how much longer than a fetch may take a request waits for it
)

// remoteKeys is a key set at an address, fetched when a token needs it. Fetches run beside the requests, one at a time: a request waits only
// where its own key is not known. GAP: TabPy stops answering anybody during a fetch, and ends all access when a set of 300 s cannot be renewed;
// here such a set goes on while it is renewed, and up to staleTime while that fails.
type remoteKeys struct {
	displayURL string // the address, for the log
	fetch      func(context.Context) (keySet, error)
	log        *zerolog.Logger
	now        func() time.Time
	ctx        context.Context // of fetches
	stop       context.CancelFunc

	mu        sync.Mutex
	set       keySet    // mu; nil until a fetch succeeded
	fetchedAt time.Time // mu; when that was
	failedAt  time.Time // mu; the last fetch, if it failed
	missedAt  time.Time // mu; the last fetch that did not bring the key it was made for
	fetching  *keyFetch // mu; the fetch under way
}

// keyFetch is one fetch, which many may wait for.
type keyFetch struct {
	kid     string // of the token that started it
	renewal bool   // there was a set already: a key that is not in the new one either is not there
	done    chan struct{}
	err     error // after done
}

func newRemoteKeys(displayURL string, fetch func(context.Context) (keySet, error), log *zerolog.Logger) *remoteKeys {
	ctx, stop := context.WithCancel(context.Background())
	return &remoteKeys{displayURL: displayURL, fetch: fetch, log: log, now: time.Now, ctx: ctx, stop: stop}
}

func (r *remoteKeys) close() {
	r.stop()
	r.mu.Lock()
	fetch := r.fetching
	r.mu.Unlock()
	if fetch != nil {
		<-fetch.done
	}
}

// find waits for two fetches at most: the first one ever, and the one that looks for a key which that did not bring. TabPy makes both, too.
func (r *remoteKeys) find(ctx context.Context, kid string) (*verifyKey, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout+waitMargin)
	defer cancel()
	var awaited *keyFetch
	for {
		key, next, err := r.lookup(kid, awaited)
		if next == nil {
			return key, err
		}
		select {
		case <-next.done:
			awaited = next
		case <-ctx.Done():
			return nil, fmt.Errorf("JWKS refresh timed out for %q: %w", r.displayURL, ctx.Err())
		}
	}
}

// look gives the key, or the fetch to wait for, or why there is neither. waited is the fetch that the caller has waited for, if any.
func (r *remoteKeys) lookup(kid string, awaited *keyFetch) (*verifyKey, *keyFetch, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	usable := r.set != nil && r.now().Sub(r.fetchedAt) < stalePeriod
	if key := r.set[kid]; usable && key != nil {
		r.renewIfOld(kid)
		return key, nil, nil
	}
	switch {
	case awaited != nil && awaited.err != nil:
		return nil, nil, awaited.err
	case r.recent(r.failedAt):
		return nil, nil, tabpyErrorf("JWKS endpoint %q failed recently; not retrying yet", r.displayURL)
	case usable && (r.recent(r.missedAt) || awaited != nil && awaited.renewal):
		return nil, nil, noSuchKey(kid)
	case r.fetching != nil:
		return nil, r.fetching, nil
	}
	return nil, r.start(kid, usable), nil
}

// noSuchKey: a token without kid is one whose key is not there.
func noSuchKey(kid string) error {
	name := "None"
	if kid != "" {
		name = quoteName(kid)
	}
	return tabpyErrorf("Unable to find a signing key that matches: %s", name)
}

func (r *remoteKeys) recent(event time.Time) bool {
	return !event.IsZero() && r.now().Sub(event) < retryInterval
}

// renewIfOld starts a fetch that nobody waits for. mu is held.
func (r *remoteKeys) renewIfOld(kid string) {
	if r.now().Sub(r.fetchedAt) >= freshPeriod && r.fetching == nil && !r.recent(r.failedAt) {
		r.start(kid, true)
	}
}

// start begins a fetch, which no request can end by going away. mu is held.
func (r *remoteKeys) start(kid string, renewal bool) *keyFetch {
	f := &keyFetch{kid: kid, renewal: renewal, done: make(chan struct{})}
	r.fetching = f
	go func() {
		ctx, cancel := context.WithTimeout(r.ctx, fetchTimeout)
		defer cancel()
		set, err := r.fetch(ctx)
		r.complete(f, set, err)
	}()
	return f
}

// land takes over what a fetch brought, lets those who wait go on, and says what happened.
func (r *remoteKeys) complete(f *keyFetch, set keySet, err error) {
	remaining := r.apply(f, set, err)
	close(f.done)
	switch {
	case err == nil:
		r.log.Info().Str("address", r.displayURL).Int("keys", len(set)).Msg("the key set was fetched")
	case remaining > 0:
		r.log.Error().Str("address", r.displayURL).Err(err).
			Msgf("the key set cannot be fetched: the keys known so far are used for another %s", remaining.Round(time.Second))
	default:
		r.log.Error().Str("address", r.displayURL).Err(err).Msg("the key set cannot be fetched: bearer tokens are refused")
	}
}

// take returns how long the set in force may be used, if no other comes.
func (r *remoteKeys) apply(f *keyFetch, set keySet, err error) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	r.fetching = nil
	if err != nil {
		r.failedAt, f.err = now, err
		return stalePeriod - now.Sub(r.fetchedAt) // negative when there never was one
	}
	r.set, r.fetchedAt = set, now
	if f.renewal && set[f.kid] == nil {
		r.missedAt = now
	}
	return stalePeriod
}
