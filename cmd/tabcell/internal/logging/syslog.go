package logging

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"tabcell/settings/pylog"
)

const (
	syslogQueue        = 1000             // lines that can wait
	syslogMinRetry     = time.Second      // wait after a failure; doubled after each further one
	syslogMaxRetry     = 30 * time.Second // limit of the doubling
	syslogCloseTimeout = 2 * time.Second  // for sending the waiting lines when the server stops
)

// syslogSink sends lines to a syslog receiver, as RFC 3164 describes. It sends them from its own
// goroutine, so that a slow receiver does not delay requests. When its queue is full, lines are
// dropped, counted and reported.
type syslogSink struct {
	format   syslogFormat
	conn     *syslogConn // used only by the goroutine
	reporter *errorReporter
	now      func() time.Time

	queue   chan []byte
	closing chan struct{} // closed by Close
	once    sync.Once
	lost    atomic.Uint64
	done    chan struct{} // closed when the goroutine has ended
	ctx     context.Context
	cancel  context.CancelFunc // interrupts the connection attempts and the waits of the goroutine
}

func openSyslog(h pylog.Handler, reporter *errorReporter, now func() time.Time) *syslogSink {
	s := &syslogSink{
		format: newSyslogFormat(h), conn: &syslogConn{spec: h.Syslog}, reporter: reporter, now: now,
		queue: make(chan []byte, syslogQueue), closing: make(chan struct{}), done: make(chan struct{}),
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	go s.run()
	return s
}

// put adds a line to the queue. It never blocks.
func (s *syslogSink) put(line []byte, rec *pylog.Record) error {
	if !s.offer(s.format.packet(line, rec.Level, rec.Time)) {
		s.lost.Add(1)
	}
	return nil
}

// offer adds a packet to the queue and reports whether there was room.
func (s *syslogSink) offer(packet []byte) bool {
	select {
	case s.queue <- packet:
		return true
	default:
		return false
	}
}

// run sends packets until Close, and then those that are still waiting.
func (s *syslogSink) run() {
	defer close(s.done)
	defer s.conn.close()
	for {
		select {
		case packet := <-s.queue:
			s.deliver(packet)
		case <-s.closing:
			s.drain()
			return
		}
	}
}

// drain sends the waiting packets.
func (s *syslogSink) drain() {
	for {
		select {
		case packet := <-s.queue:
			s.deliver(packet)
		default:
			s.reportLost()
			return
		}
	}
}

// deliver sends one packet. While the receiver cannot be reached, it waits, until the server stops.
// If a connected receiver rejects the packet twice, it drops the packet.
func (s *syslogSink) deliver(packet []byte) {
	rejected := false
	for wait := syslogMinRetry; ; {
		err := s.conn.send(s.ctx, packet)
		if err == nil {
			s.reportLost()
			return
		}
		s.reporter.report(0, err)
		if s.ctx.Err() != nil || rejected {
			s.lost.Add(1)
			return
		}
		if rejected = isWriteError(err); rejected {
			continue // reconnect at once: the receiver may have been restarted
		}
		s.pause(wait)
		wait = min(2*wait, syslogMaxRetry)
	}
}

// isWriteError reports whether err comes from writing to a connection, and not from connecting.
func isWriteError(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "write"
}

// pause waits before the next attempt. When the server stops, it returns at once and permits no
// further attempt.
func (s *syslogSink) pause(wait time.Duration) {
	select {
	case <-time.After(wait):
	case <-s.closing:
		s.cancel()
	}
}

// reportLost reports the lines dropped since its last call, on standard error and to the receiver.
func (s *syslogSink) reportLost() {
	lost := s.lost.Swap(0)
	if lost == 0 {
		return
	}
	s.reporter.report(lost, fmt.Errorf("the receiver %s does not accept lines as fast as they are logged", s.conn.spec.Address))
	note := fmt.Appendf(nil, "%d lines of this log were lost", lost)
	_ = s.conn.send(s.ctx, s.format.packet(note, levelWarning, s.now()))
}

// Close sends the waiting lines, and gives up after syslogCloseTimeout.
func (s *syslogSink) Close() error {
	s.once.Do(func() { close(s.closing) })
	select {
	case <-s.done:
	case <-time.After(syslogCloseTimeout):
		s.cancel()
		<-s.done
	}
	s.cancel()
	return nil
}
