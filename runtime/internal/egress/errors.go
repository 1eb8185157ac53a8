package egress

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"syscall"

	"tabcell/runtime/internal/grant"
)

// The numbers of Windows for errors of connections, which differ from those of package syscall.
const (
	wsaUnreachableNet  syscall.Errno = 10051
	wsaAborted         syscall.Errno = 10053
	wsaReset           syscall.Errno = 10054
	wsaRefused         syscall.Errno = 10061
	wsaUnreachableHost syscall.Errno = 10065
)

// dialError returns the error of a connection that was not made.
func dialError(t grant.Target, err error) *grant.Error {
	if known := asError(err); known != nil {
		return known
	}
	code, text := codeOf(err)
	return grant.Errorf(code, "%s: %s", t, text)
}

// streamError returns the error of a read or write.
func streamError(err error) *grant.Error {
	if known := asError(err); known != nil {
		return known
	}
	if alert, ok := errors.AsType[tls.AlertError](err); ok {
		return grant.Errorf(grant.TLS, "%v", alert)
	}
	code, text := codeOf(err)
	return grant.Errorf(code, "%s", text)
}

// codeOf returns the code and the text of a network error.
func codeOf(err error) (grant.Code, string) {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		switch errno {
		case syscall.ECONNREFUSED, wsaRefused:
			return grant.Refused, "connection refused"
		case syscall.ENETUNREACH, syscall.EHOSTUNREACH, wsaUnreachableNet, wsaUnreachableHost:
			return grant.Unreachable, "no route to host"
		case syscall.ECONNRESET, syscall.ECONNABORTED, wsaReset, wsaAborted:
			return grant.Reset, "connection reset by peer"
		case syscall.EPIPE:
			return grant.Pipe, "broken pipe"
		case syscall.EACCES, syscall.EPERM:
			return grant.Unreachable, "the host does not permit the connection (" + errno.Error() + ")"
		}
	}
	switch {
	case errors.Is(err, context.Canceled):
		return grant.Interrupted, "the time limit of the call is over"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return grant.Timeout, "timed out"
	case errors.Is(err, net.ErrClosed), errors.Is(err, io.ErrClosedPipe):
		return grant.Pipe, "the connection is closed"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return grant.Reset, "the other side closed the connection"
	}
	return grant.Unreachable, plainCause(err)
}

func isTimeout(err error) bool {
	failure, ok := errors.AsType[net.Error](err)
	return ok && failure.Timeout()
}
