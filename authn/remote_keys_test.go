package authn

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"
)

const noMatch, failedRecently = "Unable to find a signing key that matches", "failed recently; not retrying yet"

// TestFetchSchedule checks when key sets are fetched. The first five cases were recorded from
// TabPy.
func TestFetchSchedule(t *testing.T) {
	unavailable := errors.New("HTTP Error 500: Internal Server Error")
	original := func(s *keyServer) { s.respondWith(fakeKeys("a", "b"), nil, 0) }
	rotated := func(s *keyServer) { s.respondWith(fakeKeys("a", "new"), nil, 0) }
	failing := func(s *keyServer) { s.respondWith(nil, unavailable, 0) }
	for name, steps := range map[string][]step{
		"once for all tokens":                     {{setup: original, kid: "a", fetches: 1}, {kid: "b", fetches: 1}, {after: 299 * time.Second, kid: "a", fetches: 1}},
		"again for an unknown key":                {{setup: original, kid: "x", wantErr: noMatch, fetches: 2}, {kid: "x", wantErr: noMatch, fetches: 2}, {kid: "y", wantErr: noMatch, fetches: 2}, {kid: "a", fetches: 2}},
		"rotation":                                {{setup: original, kid: "a", fetches: 1}, {setup: rotated, kid: "new", fetches: 2}, {kid: "b", wantErr: noMatch, fetches: 3}, {kid: "a", fetches: 3}},
		"pause after a failed fetch":              {{setup: failing, kid: "a", wantErr: "HTTP Error 500", fetches: 1}, {kid: "a", wantErr: failedRecently, fetches: 1}, {after: 29 * time.Second, kid: "b", wantErr: failedRecently, fetches: 1}},
		"token without kid":                       {{setup: original, kid: "a", fetches: 1}, {kid: "", wantErr: noMatch + ": None", fetches: 2}},
		"retry after a failed fetch":              {{setup: failing, kid: "a", wantErr: "HTTP Error 500", fetches: 1}, {after: 30 * time.Second, setup: original, kid: "a", fetches: 2}},
		"retry for an unknown key":                {{setup: original, kid: "x", wantErr: noMatch, fetches: 2}, {after: 29 * time.Second, setup: rotated, kid: "new", wantErr: noMatch, fetches: 2}, {after: time.Second, kid: "new", fetches: 3}},
		"known keys after a failed refresh":       {{setup: original, kid: "a", fetches: 1}, {setup: failing, kid: "x", wantErr: "HTTP Error 500", fetches: 2}, {kid: "x", wantErr: failedRecently, fetches: 2}, {kid: "a", fetches: 2}},
		"an old set is renewed in the background": {{setup: original, kid: "a", fetches: 1}, {after: 300 * time.Second, setup: rotated, kid: "b", fetches: 2}, {kid: "b", wantErr: noMatch, fetches: 2}, {kid: "new", fetches: 2}},
		"an old set, unknown key":                 {{setup: original, kid: "a", fetches: 1}, {after: 300 * time.Second, kid: "x", wantErr: noMatch, fetches: 2}},
		"an old set, failing server": {{setup: original, kid: "a", fetches: 1}, {after: 300 * time.Second, setup: failing, kid: "a", fetches: 2}, {kid: "a", fetches: 2},
			{after: 30 * time.Second, kid: "a", fetches: 3}, {after: stalePeriod - 331*time.Second, kid: "b", fetches: 4}, {after: time.Second, kid: "b", wantErr: failedRecently, fetches: 4}, {after: time.Minute, kid: "b", wantErr: "HTTP Error 500", fetches: 5}},
		"a set that is too old": {{setup: original, kid: "a", fetches: 1}, {after: stalePeriod, setup: rotated, kid: "b", wantErr: noMatch, fetches: 3}, {kid: "new", fetches: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			withRemoteKeys(t, func(t *testing.T, server *keyServer, keys *remoteKeys) { runSteps(t, server, keys, steps) })
		})
	}
}

// TestHungFetchDoesNotBlockKnownKeys checks that while a fetch hangs, known keys are found
// immediately, even in a set that is due for renewal.
func TestHungFetchDoesNotBlockKnownKeys(t *testing.T) {
	withRemoteKeys(t, func(t *testing.T, server *keyServer, keys *remoteKeys) {
		server.respondWith(fakeKeys("a"), nil, 0)
		runSteps(t, server, keys, []step{{kid: "a", fetches: 1}})
		server.respondWith(nil, nil, time.Hour)
		for _, age := range []time.Duration{0, freshPeriod} {
			time.Sleep(age)
			start, waiting := time.Now(), make(chan error)
			go func() {
				_, err := keys.find(t.Context(), "x")
				waiting <- err
			}()
			synctest.Wait()
			if _, err := keys.find(t.Context(), "a"); err != nil || time.Since(start) != 0 {
				t.Errorf("a known key after %s: %v", time.Since(start), err)
			}
			if err := <-waiting; err == nil || time.Since(start) != fetchTimeout {
				t.Errorf("an unknown key after %s: %v", time.Since(start), err)
			}
		}
	})
}

// TestConcurrentLookupsShareFetch checks that a set that is due is renewed once, regardless of the
// number of requests, and that a request that has waited for another key's fetch does not start its
// own.
func TestConcurrentLookupsShareFetch(t *testing.T) {
	withRemoteKeys(t, func(t *testing.T, server *keyServer, keys *remoteKeys) {
		server.respondWith(fakeKeys("a"), nil, 0)
		runSteps(t, server, keys, []step{{kid: "a", fetches: 1}})
		server.respondWith(fakeKeys("a", "new"), nil, 5*time.Second)
		time.Sleep(freshPeriod)
		for range 10 {
			if _, err := keys.find(t.Context(), "a"); err != nil {
				t.Error(err)
			}
		}
		time.Sleep(time.Second)
		var all sync.WaitGroup
		for _, kid := range []string{"new", "rogue"} {
			all.Go(func() {
				if _, err := keys.find(t.Context(), kid); (err == nil) != (kid == "new") {
					t.Errorf("%s: %v", kid, err)
				}
			})
		}
		all.Wait()
		if fetches := server.fetches.Load(); fetches != 2 {
			t.Errorf("%d fetches, want 2", fetches)
		}
	})
}

// TestWaitingIsBounded checks that a request stops waiting if the fetch does not end in time or its
// client disconnects.
func TestWaitingIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nop, release := zerolog.Nop(), make(chan struct{})
		keys := newRemoteKeys("https://idp.example/keys", func(context.Context) (keySet, error) { <-release; return fakeKeys("a"), nil }, &nop)
		start := time.Now()
		if _, err := keys.find(t.Context(), "a"); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != fetchTimeout+waitMargin {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
		canceled, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := keys.find(canceled, "a"); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		close(release)
		if _, err := keys.find(t.Context(), "a"); err != nil {
			t.Errorf("the fetch was lost with the requests that waited for it: %v", err)
		}
		keys.close()
	})
}

// TestCloseCancelsFetch checks that close ends the fetch and that waiting requests get an error.
func TestCloseCancelsFetch(t *testing.T) {
	withRemoteKeys(t, func(t *testing.T, server *keyServer, keys *remoteKeys) {
		server.respondWith(nil, nil, time.Hour)
		waiting, start := make(chan error), time.Now()
		go func() {
			_, err := keys.find(t.Context(), "a")
			waiting <- err
		}()
		synctest.Wait()
		keys.close()
		if err := <-waiting; !errors.Is(err, context.Canceled) || server.running.Load() != 0 || time.Since(start) != 0 {
			t.Errorf("after %s: %v, %d running", time.Since(start), err, server.running.Load())
		}
	})
}

// TestOneFetchAtATime makes many concurrent lookups: at a cold start, then for a new key, then for
// unknown keys.
func TestOneFetchAtATime(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	nop, server := zerolog.Nop(), &keyServer{}
	keys := newRemoteKeys("https://idp.example/keys", server.fetch, &nop)
	defer keys.close()
	lookupAll := func(kid func(i int) string, found bool) {
		t.Helper()
		var all sync.WaitGroup
		released := make(chan struct{})
		for i := range 64 {
			all.Go(func() {
				<-released
				for range 20 {
					if _, err := keys.find(context.Background(), kid(i)); (err == nil) != found {
						t.Errorf("%s: %v", kid(i), err)
					}
				}
			})
		}
		close(released)
		all.Wait()
	}
	wantFetches := func(phase string, want int64) {
		t.Helper()
		if got := server.fetches.Load(); got != want || server.maxRunning.Load() > 1 {
			t.Errorf("%s: %d fetches, want %d; %d concurrent, want 1", phase, got, want, server.maxRunning.Load())
		}
	}
	server.respondWith(fakeKeys("a", "b"), nil, 5*time.Millisecond)
	lookupAll(func(i int) string { return []string{"a", "b"}[i%2] }, true)
	wantFetches("cold start", 1)
	server.respondWith(fakeKeys("a", "new"), nil, 5*time.Millisecond)
	lookupAll(func(int) string { return "new" }, true)
	wantFetches("new key", 2)
	lookupAll(func(i int) string { return fmt.Sprint("rogue", i) }, false)
	wantFetches("unknown keys", 3)
	lookupAll(func(int) string { return "a" }, true)
	wantFetches("known keys", 3)
}
