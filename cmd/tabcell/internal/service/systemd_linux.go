package service

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// systemd is the Notifier of man 3 sd_notify. It keeps its socket, because a confined server can
// open no other.
type systemd struct {
	socket   net.Conn
	watchdog time.Duration

	mu    sync.Mutex // also keeps the messages in order
	ready bool
}

// Open returns the notifier of the service manager that has started the process with this process
// ID, or None if there is no manager.
func Open(getenv func(string) string, pid int) (Notifier, error) {
	path := getenv("NOTIFY_SOCKET")
	if path == "" {
		return None{}, nil
	}
	socket, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return None{}, fmt.Errorf("NOTIFY_SOCKET: systemd cannot be reached: %w", err)
	}
	watchdog, err := watchdogInterval(getenv, pid)
	if err != nil {
		return None{}, errors.Join(err, socket.Close())
	}
	return &systemd{socket: socket, watchdog: watchdog}, nil
}

// watchdogInterval returns the interval in the environment, or 0 if it has none for this process.
func watchdogInterval(getenv func(string) string, pid int) (time.Duration, error) {
	text, owner := getenv("WATCHDOG_USEC"), getenv("WATCHDOG_PID")
	if text == "" || owner != "" && owner != strconv.Itoa(pid) {
		return 0, nil
	}
	micros, err := strconv.ParseUint(text, 10, 44) // half a year
	if err != nil {
		return 0, fmt.Errorf("WATCHDOG_USEC: %w", err)
	}
	return time.Duration(micros) * time.Microsecond, nil
}

// send sends the lines of a message. A manager that does not listen is no reason to stop.
func (s *systemd) send(lines ...string) {
	_ = s.socket.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = s.socket.Write([]byte(strings.Join(lines, "\n")))
}

// Ready implements Notifier.
func (s *systemd) Ready() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ready = true
	s.send("READY=1")
}

// Reloading implements Notifier. The time is for units of Type=notify-reload.
func (s *systemd) Reloading() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ready {
		return
	}
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &now) // fails for no clock that Linux has
	s.send("RELOADING=1", fmt.Sprintf("MONOTONIC_USEC=%d", now.Nano()/1000))
}

// Reloaded implements Notifier.
func (s *systemd) Reloaded() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ready {
		s.send("READY=1")
	}
}

// Stopping implements Notifier. It asks for the time that the requests in progress may take.
func (s *systemd) Stopping(limit time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ready = false
	s.send("STOPPING=1", fmt.Sprintf("EXTEND_TIMEOUT_USEC=%d", limit.Microseconds()))
}

// Status implements Notifier.
func (s *systemd) Status(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.send("STATUS=" + strings.ReplaceAll(text, "\n", " "))
}

// Alive implements Notifier.
func (s *systemd) Alive() { s.send("WATCHDOG=1") }

// Watchdog implements Notifier.
func (s *systemd) Watchdog() time.Duration { return s.watchdog }
