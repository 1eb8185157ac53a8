package server

import (
	"net"
	"testing"

	"tabcell/settings"

	"golang.org/x/sys/unix"
)

// TestListenTCP checks that the listener uses plain TCP, because Landlock's rules for ports do not
// cover Multipath TCP, which Go's net.Listen uses.
func TestListenTCP(t *testing.T) {
	l, err := Listen(settings.Server{Host: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	raw, err := l.(*net.TCPListener).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var protocol int
	var optionErr error
	if err := raw.Control(func(fd uintptr) { protocol, optionErr = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_PROTOCOL) }); err != nil {
		t.Fatal(err)
	}
	if optionErr != nil || protocol != unix.IPPROTO_TCP {
		t.Errorf("the protocol is %d, want %d; error %v", protocol, unix.IPPROTO_TCP, optionErr)
	}
}
