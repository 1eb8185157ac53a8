package endpoints

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"tabcell/runtime/registry"
)

// announceTime is the time within which a server that has taken the lock of its models folder
// describes itself there.
const announceTime = 2 * time.Second

// dialHolder returns the store of the server that has the models folder open.
func dialHolder(ctx context.Context, dir string, o Options) (Store, error) {
	s, err := waitForServer(ctx, dir)
	if err != nil {
		return nil, fmt.Errorf("%s is in use, and its server cannot be found: %w; "+
			"wait until the other process has ended, or name a running server with --url", dir, err)
	}
	fmt.Fprintf(o.Stderr, "tabcell: a server has %s open; sending the request to %s\n", dir, s.URL)
	if o.CA == "" && readable(s.Certificate) {
		o.CA = s.Certificate
	}
	c, err := newClient(ctx, s.URL, o)
	if err != nil {
		return nil, err
	}
	c.found = fmt.Sprintf("process %d on %s, started %s, has %s open", s.PID, s.Host, s.Started.Format(time.DateTime), dir)
	return &remoteStore{c}, nil
}

// waitForServer returns the server that has the folder open. It waits for a server that is
// starting.
func waitForServer(ctx context.Context, dir string) (registry.Server, error) {
	for deadline := time.Now().Add(announceTime); ; {
		s, err := registry.ReadServer(dir)
		if !errors.Is(err, registry.ErrNoServer) || time.Now().After(deadline) {
			return s, err
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return s, context.Cause(ctx)
		}
	}
}

// readable reports whether this process can read the file.
func readable(path string) bool {
	f, err := os.Open(path)
	return err == nil && f.Close() == nil
}

// advice returns the end of the message about a request that got no response.
func (c *client) advice(err error) string {
	var text string
	var verification *tls.CertificateVerificationError
	switch {
	case errors.As(err, &verification), errors.As(err, new(x509.UnknownAuthorityError)), errors.As(err, new(x509.HostnameError)):
		text = "; name the server's certificate with --cacert FILE"
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		text = "; the server does not use TLS: use a URL that begins with http://"
	case c.found == "" && isDialError(err):
		text = "; start the server, or name the address of a running one with --url"
	case c.found != "" && !errors.Is(err, context.Canceled):
		text = "; if it is reached at another address, name that with --url"
	}
	if c.found != "" {
		text += " (" + c.found + ")"
	}
	return text
}

// isDialError reports whether a request failed because there is no connection to the server.
func isDialError(err error) bool {
	failed, ok := errors.AsType[*net.OpError](err)
	return ok && failed.Op == "dial"
}
