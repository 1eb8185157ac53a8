package httpapi

import (
	"context"
	"strings"
	"testing"
	"time"

	"tabcell/runtime"
)

func TestEvaluatePassesBodyUnchanged(t *testing.T) {
	srv := newTestServer(t, nil)
	for _, contentType := range []string{"", "application/json", "application/x-www-form-urlencoded", "text/plain; charset=utf-8",
		"multipart/form-data; boundary=x", "not a type"} {
		for _, body := range []string{"", "script=1", `{"script": "return 1", "data": {}}`,
			`{"script": "return 1", "data": {}, "x": "é` + "\x00\xff" + `"}`} {
			srv.do("POST", "/evaluate", body, "Content-Type", contentType)
			if got := string(srv.engine.Last().Body); got != body {
				t.Errorf("Content-Type %q: the evaluator got %q, want %q", contentType, got, body)
			}
		}
	}
	got := srv.script("return 1")
	got.want(t, 200, "1")
	got.wantHeader(t, "Content-Type", "application/json")
	got.wantHeader(t, "Etag", "")
}

func TestCallContextOfScripts(t *testing.T) {
	srv := newTestServer(t, func(c *Config) { c.Protocol, c.Port, c.Timeout = "https", "9443", 1500*time.Millisecond })
	got := srv.script("return 1", "Authorization", "Bearer secret", "Cookie", "secret", "Proxy-Authorization", "secret",
		"tabpy-user", "ann", "X-Own", "x")
	got.want(t, 200, "1")
	call := srv.engine.Last()
	if call.Context.Protocol != "https" || call.Context.Port != "9443" || call.Context.Timeout != "1.5" {
		t.Errorf("context %+v", call.Context)
	}
	if call.ID == "" || call.ID != got.Header.Get("X-Request-Id") {
		t.Errorf("call ID %q, X-Request-Id %q", call.ID, got.Header.Get("X-Request-Id"))
	}
	headers := call.Context.Headers
	if headers["Tabpy-User"] != "ann" || headers["X-Own"] != "x" || headers["Host"] != srv.addr {
		t.Errorf("headers %v", headers)
	}
	for name, value := range headers {
		if strings.Contains(value, "secret") {
			t.Errorf("the script gets the header %s: %s", name, value)
		}
	}
}

// If a client disconnects, its script is cancelled immediately.
func TestDisconnectCancelsScript(t *testing.T) {
	srv := newTestServer(t, nil)
	started := make(chan struct{}, 1)
	srv.engine.On("wait", func(ctx context.Context, _ runtime.Call, _ jsonText) (runtime.Result, error) {
		started <- struct{}{}
		<-ctx.Done()
		return runtime.Result{}, ctx.Err()
	})
	ctx, cancel := context.WithCancel(context.Background())
	r := newRequest(t, ctx, "http://"+srv.addr+"/evaluate", `{"script": "wait", "data": {}}`)
	done := make(chan error, 1)
	go func() {
		_, err := srv.client.Do(r)
		done <- err
	}()
	<-started
	cancel()
	if err := <-done; err == nil {
		t.Error("the cancelled request got a response")
	}
	waitFor(t, "the end of the script", func() bool { return srv.engine.Running() == 0 && srv.engine.Cancelled() == 1 })
	waitFor(t, "the log line", func() bool { return strings.Contains(srv.log.String(), `"status":499`) })
}

// If the script exceeds its time limit, the client gets a response; it has not disconnected.
func TestTimeoutResponse(t *testing.T) {
	srv := newTestServer(t, nil)
	srv.engine.On("slow", func(ctx context.Context, _ runtime.Call, _ jsonText) (runtime.Result, error) {
		ctx, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		<-ctx.Done()
		return runtime.Result{}, ctx.Err()
	})
	srv.script("slow").want(t, 408, `{"message": "User defined script timed out. Timeout is set to 30 s.", "info": {}}`)
}

// A client that closes its sending side counts as disconnected. It gets no response rather than a
// wrong one.
func TestNoResponseAfterDisconnect(t *testing.T) {
	srv := newTestServer(t, nil)
	const body = `{"script": "while True: pass", "data": {}}`
	if got := srv.raw(headWithLength(len(body))+body, false); len(got) != 0 {
		t.Errorf("responses %v, want none", got)
	}
}
