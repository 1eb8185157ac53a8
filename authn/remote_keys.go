package authn

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// The periods of a remote key set. The first three are TabPy's.
const (
	freshPeriod   = 300 * time.Second // a set younger than this is used without a refresh
	retryInterval = 30 * time.Second  // the pause after a fetch that failed or did not contain the wanted key
	fetchTimeout  = 10 * time.Second
	// stalePeriod is how long a set is used if it cannot be renewed. The key server may be down for
	// a while, but keys that were withdrawn must cease to work.
	stalePeriod = time.Hour
	// waitMargin is added to fetchTimeout for requests that wait for a fetch.
	waitMargin = time.Second
)

// remoteKeys is a key set at a URL, fetched when a token needs it. Fetches run in the background,
// one at a time. A request waits only if its own key is not known. GAP: TabPy responds to no client
// during a fetch, and denies all access if a set older than 300 s cannot be renewed. Here such a
// set stays in use while it is renewed, and up to stalePeriod if that fails.
type remoteKeys struct {
	displayURL string // the URL, for the log
	fetch      func(context.Context) (keySet, error)
	log        *zerolog.Logger
	now        func() time.Time
	ctx        context.Context // of fetches
	stop       context.CancelFunc

	mu        sync.Mutex
	set       keySet    // nil until a fetch has succeeded; guarded by mu
	fetchedAt time.Time // the last fetch that succeeded; guarded by mu
	failedAt  time.Time // the last fetch that failed; guarded by mu
	missedAt  time.Time // the last fetch that did not contain the wanted key; guarded by mu
	fetching  *keyFetch // the fetch in progress, or nil; guarded by mu
}

// keyFetch is a fetch, which many requests may wait for.
type keyFetch struct {
	kid     string // of the token that started it
	renewal bool   // there was a usable set before: a key that is in neither set does not exist
	reload  bool   // no token started it
	done    chan struct{}
	err     error // valid once done is closed
}

func newRemoteKeys(displayURL string, fetch func(context.Context) (keySet, error), log *zerolog.Logger) *remoteKeys {
	ctx, stop := context.WithCancel(context.Background())
	return &remoteKeys{displayURL: displayURL, fetch: fetch, log: log, now: time.Now, ctx: ctx, stop: stop}
}

// close cancels the fetch in progress and waits for it to end.
func (r *remoteKeys) close() {
	r.stop()
	r.mu.Lock()
	fetch := r.fetching
	r.mu.Unlock()
	if fetch != nil {
		<-fetch.done
	}
}

// prepare never fails. apply starts a fetch, unless no token has needed the set yet, and permits
// one at once after a fetch that failed or did not contain the wanted key.
func (r *remoteKeys) prepare() (apply func(), err error) {
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.failedAt, r.missedAt = time.Time{}, time.Time{}
		if r.set != nil && r.fetching == nil && r.ctx.Err() == nil {
			r.start("", true).reload = true
		}
	}, nil
}

// find waits for at most two fetches: the first one ever, and one for a key that the first did not
// contain. TabPy makes both, too.
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

// lookup returns the key, a fetch to wait for, or an error. awaited is the fetch that the caller
// has waited for, if any.
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

// noSuchKey returns the error for a kid that is not in the set, or for a token without one.
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

// renewIfOld starts a fetch in the background if the set is due for renewal. r.mu must be held.
func (r *remoteKeys) renewIfOld(kid string) {
	if r.now().Sub(r.fetchedAt) >= freshPeriod && r.fetching == nil && !r.recent(r.failedAt) {
		r.start(kid, true)
	}
}

// start starts a fetch. It is independent of the requests that wait for it: none can cancel it by
// disconnecting. r.mu must be held.
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

// complete applies the result of a fetch, releases the requests that wait for it, and logs it.
func (r *remoteKeys) complete(f *keyFetch, set keySet, err error) {
	remaining := r.apply(f, set, err)
	close(f.done)
	switch {
	case err == nil:
		r.log.Info().Str("address", r.displayURL).Int("keys", len(set)).Msg("the key set was fetched")
	case remaining > 0:
		r.log.Error().Str("address", r.displayURL).Err(err).
			Msgf("the key set cannot be fetched; the keys fetched earlier are used for another %s", remaining.Round(time.Second))
	default:
		r.log.Error().Str("address", r.displayURL).Err(err).Msg("the key set cannot be fetched; bearer tokens are refused")
	}
}

// apply stores the result of a fetch and returns how long the current set may be used without
// another.
func (r *remoteKeys) apply(f *keyFetch, set keySet, err error) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	r.fetching = nil
	if err != nil {
		r.failedAt, f.err = now, err
		return stalePeriod - now.Sub(r.fetchedAt) // negative if there never was one
	}
	r.set, r.fetchedAt = set, now
	if f.renewal && !f.reload && set[f.kid] == nil {
		r.missedAt = now
	}
	return stalePeriod
}
