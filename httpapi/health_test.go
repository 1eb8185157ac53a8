package httpapi

import (
	"errors"
	"testing"
)

// notReady is a Readiness that is never ready.
type notReady struct{}

func (notReady) Ready() error { return errors.New("the guest is being compiled") }

func TestReadiness(t *testing.T) {
	srv := newTestServer(t, nil)
	srv.api.deps.Readiness = notReady{}
	srv.do("GET", "/health/ready", "").want(t, 503, `{"message": "not ready", "info": "the guest is being compiled"}`)
	srv.do("GET", "/health/live", "").want(t, 200, `{"status": "live"}`)
}
