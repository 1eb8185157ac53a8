package load

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a server with a clock that the test moves.
type fake struct {
	mu     sync.Mutex
	time   time.Time
	gauges Gauges
	reads  int
}

func newFake() (*fake, *Recorder) {
	f := &fake{time: time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)}
	return f, New(f.read, f.now)
}

func (f *fake) now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.time
}

func (f *fake) read() Gauges {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	return f.gauges
}

func (f *fake) move(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.time = f.time.Add(d)
}

func TestHistory(t *testing.T) {
	f, r := newFake()
	if h := r.History(); len(h.Samples) != 0 || !h.From.Equal(f.time) {
		t.Errorf("before the first sample: %+v", h)
	}
	f.gauges = Gauges{Running: 1, Refused: 7, Timeouts: 3}
	r.Sample()
	begin := f.time
	f.move(Step)
	for i := range 4 {
		r.Record(Call{Owner: "a", Failed: i == 0, Queue: time.Millisecond, Cell: 2 * time.Millisecond, Run: time.Duration(i+1) * 10 * time.Millisecond, Copy: 3 * time.Millisecond})
	}
	f.gauges = Gauges{Running: 2, Waiting: 5, Refused: 10, Timeouts: 4, Memory: 1 << 30, Slots: 6, BudgetUsed: 99}
	r.Sample()
	f.move(2 * Step) // a step without a sample
	r.Sample()
	h := r.History()
	if !h.From.Equal(begin) || len(h.Samples) != 4 || h.Samples[2] != nil {
		t.Fatalf("from %v, %d samples", h.From, len(h.Samples))
	}
	if s := h.Samples[0]; s.Running != 1 || s.Refused != 0 || s.Timeouts != 0 {
		t.Errorf("the first sample counts what was before it: %+v", *s)
	}
	s := *h.Samples[1]
	s.number = 0
	want := Sample{
		Running: 2, Queued: 5, Cells: 6, Requests: 4, Errors: 1, Refused: 3, Timeouts: 1, Memory: 1 << 30, BudgetUsed: 99,
		Queue: 1, Cell: 2, Run: 25, Copy: 3, Median: 26, Percentile99: 46, Busy: 0.024,
	}
	if s != want {
		t.Errorf("got  %+v\nwant %+v", s, want)
	}
	if s := h.Samples[3]; s.Requests != 0 || s.Refused != 0 || s.Queue != 0 {
		t.Errorf("the calls of a step are in the next one, too: %+v", *s)
	}
}

// The history has one hour, however long the server runs.
func TestHistoryIsBounded(t *testing.T) {
	f, r := newFake()
	for range 3 * steps {
		f.gauges.Running++
		r.Sample()
		f.move(Step)
	}
	h := r.History()
	if int64(len(h.Samples)) != steps || h.Samples[0].Running != int32(2*steps+1) || !h.From.Equal(f.time.Add(-time.Hour)) {
		t.Errorf("%d samples from %v, the first is %+v", len(h.Samples), h.From, *h.Samples[0])
	}
}

func TestHistoryWithClockSetBack(t *testing.T) {
	f, r := newFake()
	for range 10 {
		r.Sample()
		f.move(Step)
	}
	f.move(-2 * Step)
	r.Record(Call{Owner: "a"})
	r.Sample()
	if h := r.History(); len(h.Samples) != 10 || h.Samples[9].Requests != 1 {
		t.Errorf("set back by one step: %d samples", len(h.Samples))
	}
	f.move(-30 * time.Minute)
	r.Sample()
	f.move(Step)
	r.Sample()
	if h := r.History(); len(h.Samples) != 2 || h.Samples[0] == nil || h.Samples[1] == nil {
		t.Errorf("set back by half an hour: %d samples", len(h.Samples))
	}
}

func TestScripts(t *testing.T) {
	f, r := newFake()
	call := func(owner, digest string, run time.Duration, failed bool) {
		r.Record(Call{Owner: owner, Account: "name of " + owner, Digest: digest, FirstLine: "line of " + digest, Run: run, Cell: time.Second, Failed: failed})
	}
	call("a", "s1", 2*time.Second, false)
	call("b", "s1", 3*time.Second, true)
	call("b", "s2", 10*time.Second, false)
	call("b", "", time.Minute, false) // an endpoint
	if got, want := fmt.Sprint(r.Scripts("", 10)), "[{s2 line of s2 1 0 11s} {s1 line of s1 2 1 7s}]"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := fmt.Sprint(r.Scripts("a", 10)), "[{s1 line of s1 1 0 3s}]"; got != want {
		t.Errorf("of one owner: got %s, want %s", got, want)
	}
	if got := r.Scripts("", 1); len(got) != 1 || got[0].Digest != "s2" {
		t.Errorf("the first: %v", got)
	}
	if got, want := fmt.Sprint(r.Accounts("", 10)), "[{name of b 3 1 1m16s} {name of a 1 0 3s}]"; got != want {
		t.Errorf("accounts: got %s, want %s", got, want)
	}
	if got := r.Accounts("a", 10); len(got) != 1 || got[0].Name != "name of a" {
		t.Errorf("one account: %v", got)
	}
	f.move(40 * time.Minute)
	call("a", "s3", time.Second, false)
	f.move(25 * time.Minute)
	if got := r.Scripts("", 10); len(got) != 1 || got[0].Digest != "s3" {
		t.Errorf("after an hour: %v", got)
	}
	f.move(time.Hour)
	if got := r.Scripts("", 10); len(got) != 0 {
		t.Errorf("after two hours: %v", got)
	}
}

// A flood of different scripts neither takes memory nor hides the script that takes the most time.
func TestScriptsAreBounded(t *testing.T) {
	_, r := newFake()
	r.Record(Call{Owner: "tableau", Digest: "large", Run: time.Minute})
	for i := range 2000 {
		r.Record(Call{Owner: fmt.Sprint("owner ", i), Digest: fmt.Sprint("script ", i), Run: time.Millisecond})
	}
	for _, p := range r.scripts.parts {
		if len(p.entries) > maxScripts {
			t.Errorf("%d scripts in a part", len(p.entries))
		}
	}
	for _, p := range r.accounts.parts {
		if len(p.entries) > maxAccounts {
			t.Errorf("%d accounts in a part", len(p.entries))
		}
	}
	if got := r.Scripts("", 1); got[0].Digest != "large" {
		t.Errorf("the script with the most time: %+v", got[0])
	}
	if got := r.Accounts("", 1); got[0].Time != time.Minute {
		t.Errorf("the account with the most time: %+v", got[0])
	}
}

func TestPercentileCountsTheLastCalls(t *testing.T) {
	var s step
	for range 1000 {
		s.add(Call{Run: time.Hour})
	}
	for i := range maxDurations {
		s.add(Call{Run: time.Duration(i) * time.Millisecond})
	}
	if p50, p99 := s.percentile(50), s.percentile(99); p50 != 127 || p99 != 253 {
		t.Errorf("percentiles %v and %v", p50, p99)
	}
	if got := microseconds(100 * time.Hour); got != 1<<32-1 {
		t.Errorf("100 hours are %d µs", got)
	}
}

func TestNowReadsOncePerSecondForAll(t *testing.T) {
	f, r := newFake()
	for range 100 {
		r.Now()
	}
	if f.reads != 1 {
		t.Errorf("%d reads at one time", f.reads)
	}
	f.gauges.Running = 4
	f.move(tick)
	if got := r.Now(); got.Running != 4 {
		t.Errorf("a second later: %+v", got)
	}
}

func TestStreamsAreBounded(t *testing.T) {
	_, r := newFake()
	var open []*Stream
	for i := range MaxStreams / MaxStreamsPerOwner {
		for range MaxStreamsPerOwner {
			s, ok := r.Open(fmt.Sprint(i))
			if !ok {
				t.Fatalf("stream %d was refused", len(open))
			}
			open = append(open, s)
		}
		if _, ok := r.Open(fmt.Sprint(i)); ok {
			t.Fatalf("owner %d got more than %d streams", i, MaxStreamsPerOwner)
		}
	}
	if _, ok := r.Open("another"); ok {
		t.Errorf("more than %d streams", MaxStreams)
	}
	for _, s := range open {
		s.Close()
	}
	if len(r.streams.owners) != 0 || r.streams.open != 0 {
		t.Errorf("after the ends: %v, %d", r.streams.owners, r.streams.open)
	}
	if _, ok := r.Open("another"); !ok {
		t.Error("no stream after the ends of all")
	}
}

func TestStreamEnds(t *testing.T) {
	_, r := newFake()
	s, _ := r.Open("a")
	defer s.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if s.Wait(ctx) {
		t.Error("a stream goes on although its client is gone")
	}
	ctx, cancel = context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { r.Run(ctx); close(done) }()
	if !s.Wait(context.Background()) {
		t.Error("a stream got no event")
	}
	cancel()
	<-done
	for s.Wait(context.Background()) { // a tick may have come before the end
	}
	if h := r.History(); len(h.Samples) == 0 {
		t.Error("Run took no sample")
	}
}

// Calls, samples, streams and readers may come at the same time.
func TestHammer(t *testing.T) {
	_, r := newFake()
	ctx, cancel := context.WithCancel(context.Background())
	var running, all sync.WaitGroup
	running.Go(func() { r.Run(ctx) })
	for i := range 8 {
		all.Go(func() {
			for j := range 300 {
				r.Record(Call{Owner: fmt.Sprint(j % 5), Digest: fmt.Sprint(j % 7), Run: time.Millisecond})
				switch i {
				case 0:
					r.Sample()
				case 1:
					r.History()
				case 2:
					r.Scripts("", 5)
				case 3:
					r.Accounts("1", 5)
				case 4:
					r.Now()
				case 5:
					if s, ok := r.Open("x"); ok {
						s.Close()
					}
				}
			}
		})
	}
	all.Wait()
	cancel()
	running.Wait()
	if got := r.Accounts("", 10); len(got) != 5 || got[0].Calls+got[1].Calls+got[2].Calls+got[3].Calls+got[4].Calls != 2400 {
		t.Errorf("accounts: %v", got)
	}
}
