package runtime

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	goruntime "runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"tabcell/runtime/internal/guest"
)

// waitFor waits until a condition holds.
func waitFor(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: this did not happen", what)
		}
	}
}

// TestPermitWhileWaiting runs scripts while another one, which had the only permit, waits for the
// network.
func TestPermitWhileWaiting(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Concurrency = 1 })
	s := newGrantServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 2)
	wait := func() {
		_, err := e.Evaluate(ctx, Call{Body: []byte("G" + s.connect() + "\nv"), Grants: s.grants(t)})
		done <- err
	}
	go wait()
	waitFor(t, "the script waits", func() bool { return e.Stats().Suspended == 1 })
	if stats := e.Stats(); stats.Running != 0 || stats.Connections != 1 {
		t.Errorf("stats %+v while a script waits", stats)
	}
	for range 3 {
		got, err := operate(e, s.grants(t), s.connect(), "shi", "v")
		expectResults(t, got, err, "ok", "ok", "hi")
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("the script ended with %v", err)
	}
	waitFor(t, "all is released", func() bool { x := e.Stats(); return x.Running+x.Suspended+x.Connections == 0 })
}

// TestWaitingCells checks that cells beyond the limit keep their permits while they wait.
func TestWaitingCells(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Concurrency, c.Queue, c.Grants.Waiting = 1, 1, 2 })
	s := newGrantServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 3)
	for i := range 3 {
		go func() {
			_, err := e.Evaluate(ctx, Call{Body: []byte("G" + s.connect() + "\nv"), Grants: s.grants(t)})
			done <- err
		}()
		waitFor(t, "a script waits", func() bool { return e.Stats().Connections == i+1 && e.Stats().Suspended == min(i+1, 2) })
	}
	time.Sleep(20 * time.Millisecond)
	if stats := e.Stats(); stats.Running != 1 || stats.Suspended != 2 {
		t.Errorf("stats %+v, want a third cell with a permit", stats)
	}
	cancel()
	for range 3 {
		<-done
	}
}

// TestWaitingMemory checks that a cell with more memory than waiting cells may have keeps its permit.
func TestWaitingMemory(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Concurrency, c.Grants.WaitingMemory = 1, 1<<20 })
	c := newCall(context.WithValue(t.Context(), permitKey{}, &permit{queue: e.queue}), Call{}, DefaultLimits(), guest.Interruption{})
	held, err := e.queue.AcquirePermit(t.Context(), Owner{})
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	permitOf(c.ctx).held, c.imageSize = held, 5<<20
	for memory, want := range map[uint64]int{0: 1, 6 << 20: 1, 6<<20 + 1: 0, 5 << 20: 1} {
		c.grants.memory = memory
		resume := c.park()
		if n := e.Stats().Suspended; n != want {
			t.Errorf("with %d bytes, %d cells wait without a permit, want %d", memory, n, want)
		}
		resume()
	}
}

// maxLate tells a blocked operation that the deadline ends, which takes some milliseconds, from one
// that lasts until the other side responds, which is never.
const maxLate = 10 * time.Second

// TestDeadlineOfWait lets the deadline and the caller end scripts that wait.
func TestDeadlineOfWait(t *testing.T) {
	e := newEngine(t, nil)
	s := newGrantServer(t)
	for name, operations := range map[string]string{"receive": s.connect() + "\nv", "after": s.connect() + "\nv\nv\nv\nl"} {
		begun := time.Now()
		_, err := e.Evaluate(t.Context(), Call{Body: []byte("G" + operations), Grants: s.grants(t), Limits: Limits{Timeout: 100 * time.Millisecond}})
		if took := time.Since(begun); !errors.Is(err, ErrTimeout) || took < 100*time.Millisecond || took > 100*time.Millisecond+maxLate {
			t.Errorf("%s: ended after %v with %v", name, took, err)
		}
		gone := errors.New("the client closed the connection")
		ctx, cancel := context.WithCancelCause(t.Context())
		canceled := make(chan time.Time, 1)
		time.AfterFunc(50*time.Millisecond, func() { canceled <- time.Now(); cancel(gone) })
		_, err = e.Evaluate(ctx, Call{Body: []byte("G" + operations), Grants: s.grants(t)})
		if took := time.Since(<-canceled); !errors.Is(err, gone) || took > maxLate {
			t.Errorf("%s: ended %v after the caller with %v", name, took, err)
		}
		waitFor(t, "the connections are closed", func() bool { return s.open.Load() == 0 })
	}
	if n := e.Stats().Connections; n != 0 {
		t.Errorf("%d connections are open", n)
	}
}

// TestNestedWait queries a model from a script that has the only permit. While the model waits for
// the network, other scripts run.
func TestNestedWait(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Concurrency = 1 })
	s := newGrantServer(t)
	m := sourceModel("x")
	m.Grants = s.grants(t)
	services := servicesFunc(func(ctx context.Context, _ Service, _ string, body, _ []byte) (int, []byte) {
		_, err := e.QueryModel(ctx, m, Call{Body: body})
		return 500, fmt.Append(nil, err)
	})
	use := "G" + s.connect() + "\nv"
	request := fmt.Sprintf("z{\"service\":\"query\",\"name\":\"m\",\"body\":%d}\n%s", len(use), use)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := e.Evaluate(ctx, Call{Body: []byte(request), Services: services})
		done <- err
	}()
	waitFor(t, "the model waits", func() bool { return e.Stats().Suspended == 1 })
	if _, err := evaluate(e, "eother"); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("the script ended with %v", err)
	}
	waitFor(t, "all is released", func() bool { x := e.Stats(); return x.Running+x.Suspended+x.Connections == 0 })
}

// TestGrantHammer runs scripts that use grants, are canceled, crash or reach their deadline. In the
// end, everything must be released.
func TestGrantHammer(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Concurrency, c.Queue, c.Grants.Waiting, c.Grants.Connections = 2, 64, 3, 12 })
	s := newGrantServer(t)
	g, _ := folderGrants(t)
	g.List = append(g.List, s.grants(t).List...)
	if _, err := operate(e, g, s.connect()); err != nil {
		t.Fatal(err)
	}
	before := goruntime.NumGoroutine()
	scripts := []string{
		s.connect() + "\nshi\nv\nx", s.connect() + "\nshi\nv", s.connect() + "\nv", s.connect() + "\nv\nl", s.connect() + "\nT", "o/srv/models/a.txt", "cevil.example 1",
		s.connect() + "\n" + s.connect() + "\nshi\nv", "rlocalhost 1", s.connect() + "\ntx",
	}
	var group sync.WaitGroup
	for caller := range 16 {
		group.Go(func() {
			r := rand.New(rand.NewPCG(3, uint64(caller)))
			for range 12 {
				ctx, cancel := context.WithCancel(t.Context())
				stop := time.AfterFunc(time.Duration(r.IntN(60))*time.Millisecond, cancel)
				_, err := e.Evaluate(ctx, Call{
					Body: []byte("G" + scripts[r.IntN(len(scripts))]), Grants: g, Owner: Owner{Key: strconv.Itoa(caller % 3)}, Limits: Limits{Timeout: 150 * time.Millisecond},
				})
				stop.Stop()
				cancel()
				known := []error{nil, context.Canceled, ErrTimeout, ErrBusy, ErrCrash}
				if !isAny(err, known) {
					t.Errorf("a script ended with %v", err)
				}
			}
		})
	}
	group.Wait()
	waitFor(t, "all is released", func() bool {
		x := e.Stats()
		return x.Running+x.Suspended+x.Waiting+x.Connections == 0 && s.open.Load() == 0
	})
	waitFor(t, "the goroutines have ended", func() bool { return goruntime.NumGoroutine() <= before })
	if err := e.queue.Drain(t.Context()); err != nil {
		t.Error(err)
	}
	got, err := operate(e, g, s.connect(), "shi", "v")
	expectResults(t, got, err, "ok", "ok", "hi")
}

func isAny(err error, known []error) bool {
	for _, k := range known {
		if errors.Is(err, k) {
			return true
		}
	}
	return false
}
