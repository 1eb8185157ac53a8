package cluster

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"syscall"
	"testing"
)

func TestReason(t *testing.T) {
	connection := func(err error) error {
		return &url.Error{Op: "Post", URL: "https://x/v1/status", Err: fmt.Errorf("%w: 10.0.0.1:9: %w", errUnreachable, err)}
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{connection(&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}), "connect: connection refused"},
		{connection(ErrNotMember), "the node cannot be reached: 10.0.0.1:9: " + ErrNotMember.Error()},
		{connection(fmt.Errorf("use one port: %w", &net.OpError{Op: "dial", Err: os.ErrPermission})), "the node cannot be reached: 10.0.0.1:9: use one port: dial: permission denied"},
		{errors.New("status 500"), "status 500"},
	} {
		if got := reason(c.err).Error(); got != c.want {
			t.Errorf("reason(%v) = %q, want %q", c.err, got, c.want)
		}
	}
}
