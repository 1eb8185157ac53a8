package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"tabcell/cmd/tabcell/internal/confine"
	"tabcell/cmd/tabcell/internal/hostmem"
	"tabcell/httpapi"
	"tabcell/runtime"
	"tabcell/settings"
)

// maxStopTime limits a graceful stop, even if scripts may run longer, because systemd kills the
// process after 90 s (TimeoutStopSec in assets/install/linux/tabcell.service).
const maxStopTime = 80 * time.Second

const (
	ballastSize = 128 << 20
	// ballastBlock is the size of the pieces of the ballast on Linux. Go clears a piece if any part of
	// it had other content before. At the start that concerns a few pieces, but one of 128 MB always,
	// which took 0.1 s.
	ballastBlock = 4 << 20
)

// ErrInterrupted means that a second signal stopped the server.
var ErrInterrupted = errors.New("interrupted")

// run serves requests and starts the engine concurrently. It returns nil after a graceful stop.
func (s *service) run(signals <-chan os.Signal, reload ReloadOptions) error {
	limitHeap(s.settings, hostmem.Available()) // before the start, which needs the most
	failed := make(chan error, 4)
	defer s.watchCode(failed)()
	ctx, cancel := context.WithCancel(s.log.WithContext(context.Background()))
	defer cancel()
	s.auth.watch(ctx, s.record, s.api.ReleasedMemory)
	hungUp := make(chan struct{})
	go s.reloadOn(ctx, reload, hungUp)
	s.manager.Status("preparing the Python guest; until then, scripts get status 503")
	// Serve, and not ListenAndServe, because open has opened the listener already.
	go func() { failed <- httpapi.Serve(s.http, s.listener) }()
	s.flight.serve(failed)
	go func() { s.startEngine(ctx, failed) }()
	go s.api.RunConsole(ctx)
	go s.followCluster(ctx)
	go newIdleCollector().run(ctx)
	s.announce()
	select {
	case err := <-failed:
		return errors.Join(err, s.http.Close(), s.flight.close(), s.engine.Close())
	case sig := <-signals:
		s.log.Info().Msgf("Exiting on signal %s...", signalText(sig))
	case <-hungUp:
		s.log.Info().Msg("Exiting because the terminal was closed...")
	}
	cancel() // stops a compilation, which is no longer needed
	return s.stop(signals)
}

// startEngine starts the engine and loads what is deployed. Errors that must end the server are
// sent to failed.
func (s *service) startEngine(ctx context.Context, failed chan<- error) {
	engine, err := s.engine.Start(func() (runtime.Evaluator, error) {
		engine, err := s.start(ctx, s.withPorts(), s.reportProgress())
		if err == nil && s.settings.Process.Confine == confine.Require { // before any script runs
			err = s.completeWall(ctx, engine)
		}
		return engine, err
	})
	if err != nil {
		failed <- fmt.Errorf("the Python guest cannot be started: %w", err)
		return
	}
	s.log.Info().Msg("ready: scripts can run")
	s.manager.Status("ready: scripts can run")
	s.manager.Ready()
	go s.watch(ctx, engine)
	limitGarbage()
	preloadFull(ctx, s.settings, engine)
	if s.settings.Process.Confine == confine.Auto {
		go func() { _ = s.completeWall(ctx, engine) }() // returns no error in this mode, except that of ctx
	}
	s.api.LoadModels(ctx)
}

// reportProgress returns a function that reports the progress of a start to all that show it, and
// to the requests that wait for it.
func (s *service) reportProgress() func(runtime.Progress) {
	log := newProgressLog(&s.log, s.progressShown, s.settings.Cells.CacheDir != "")
	return func(p runtime.Progress) {
		s.engine.Report(p)
		s.guests.report(p)
		if s.progress != nil {
			s.progress(p)
		}
		if log.report(p) && s.engine.Ready() != nil {
			s.manager.Status(cmp.Or(ProgressText(p), "compiling the Python guest") + "; until then, scripts get status 503")
		}
	}
}

// limitGarbage starts a garbage collection when the heap has grown by 10 %, in place of Go's 100 %.
// Collections are cheap here, because nearly all of the heap is request and response bodies of
// megabytes, which contain no pointers. GOGC in the environment has precedence.
func limitGarbage() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(10)
	}
}

const (
	// programHeap is the part of the program's own memory in bytes that is in Go's heap.
	programHeap = 60 << 20
	// minHeap is the least memory limit of Go's heap in bytes. With less, the garbage collector
	// would run all the time.
	minHeap = 96 << 20
)

// limitHeap makes the garbage collector run more often before the memory of Go's heap, and with it
// that of the host, is used up. The memory of scripts and models is not part of the heap.
// GOMEMLIMIT in the environment has precedence.
func limitHeap(s settings.Settings, available hostmem.Memory) {
	if os.Getenv("GOMEMLIMIT") == "" && available.Bytes > 0 {
		debug.SetMemoryLimit(heapLimit(s, available))
	}
}

// heapLimit returns the part of the available memory that scripts, models and the guests leave, and
// the ballast, which takes no memory but is counted.
func heapLimit(s settings.Settings, available hostmem.Memory) int64 {
	outside := int64(s.MemorySumMB()-s.Request.BufferMB)<<20 - programHeap
	return ballastSize + max(minHeap, int64(available.Bytes-available.Bytes/20)-outside) // the kernel needs some, too
}

// signalText returns the number of a signal, as TabPy logs it, or its name if it has none.
func signalText(sig os.Signal) string {
	if number, ok := sig.(syscall.Signal); ok {
		return strconv.Itoa(int(number))
	}
	return sig.String()
}

// stop stops accepting requests, finishes the running ones, and then closes the engine. A second
// signal stops the server at once.
func (s *service) stop(signals <-chan os.Signal) error {
	s.log.Info().Msg("Shutting down TabPy...")
	timeout := s.settings.Evaluate.Timeout.Duration() + time.Second
	if s.node != nil {
		timeout += drainTime // during which requests begin
	}
	timeout = min(timeout, maxStopTime)
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	s.manager.Status("finishing the requests in progress")
	s.manager.Stopping(timeout)
	finished := make(chan error, 1)
	go func() { finished <- s.finish(ctx) }()
	select {
	case err := <-finished:
		return err
	case <-signals:
		return errors.Join(ErrInterrupted, s.http.Close(), s.flight.close())
	}
}

// finish performs a graceful stop. After ctx is done, it cuts off the remaining requests.
func (s *service) finish(ctx context.Context) error {
	s.drain(ctx)
	s.engine.EndWaits() // the guests that requests wait for are no longer prepared
	flight := make(chan error, 1)
	go func() { flight <- s.flight.shutdown(ctx) }()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("requests were cut off: %w", err), s.http.Close())
	}
	err = errors.Join(err, <-flight)
	return errors.Join(err, s.engine.Close())
}
