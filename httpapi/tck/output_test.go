package tck

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// Log lines may appear shortly after the response, but none may be missing.
func TestLogMayFollowResponse(t *testing.T) {
	r := newRunningServer(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	go func() {
		time.Sleep(10 * time.Millisecond)
		fmt.Fprintln(r.server.Output, "200 GET / 3 ms")
	}()
	c := Case{Request: Request{Method: "GET", Path: "/"}, Response: Response{Status: 200},
		Compare: Rules{Status: statusExact, Body: bodyIgnore, Log: []string{`200 GET / \d`, `ms\n`}}}
	if got := r.replay(c); len(got) != 0 {
		t.Errorf("differences %q, want none", got)
	}
	if got := r.server.Output.awaitPatterns([]string{"404", "ms", `\d ms GET`}, 0); len(got) != 2 || got[0] != "404" {
		t.Errorf("missing patterns %q, want two of three", got)
	}
}
