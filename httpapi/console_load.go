package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"tabcell/httpapi/console/load"
	"tabcell/runtime"
)

// RunConsole collects the history of the load, and sends it to the pages of the console that show
// it, until ctx is done. Then the streams of these pages end, so that they do not delay the stop of
// the server. It returns at once if the console is off.
func (a *API) RunConsole(ctx context.Context) {
	if a.load != nil {
		a.load.Run(ctx)
	}
}

// gauges returns the state of the server for the console.
func (a *API) gauges() load.Gauges {
	small, large := a.budget.state()
	g := load.Gauges{BudgetUsed: small.used + large.used, BudgetMax: small.limit + large.limit}
	if a.cfg.ResidentMemory != nil {
		g.Memory = a.cfg.ResidentMemory()
	}
	if a.deps.Stats != nil {
		s, t := a.deps.Stats.Stats(), a.deps.Stats.TemplateStats()
		g.Running, g.Waiting, g.Slots = s.Running, s.Waiting, s.Slots
		g.Calls, g.Refused, g.Timeouts, g.Crashes = s.Calls, s.Refused, s.Timeouts, s.Crashes
		g.Models, g.ModelBytes = t.Count, t.Bytes
	}
	return g
}

// notedScript identifies the script of a request.
type notedScript struct {
	digest    string // the beginning of the SHA-256 in hex; "" if there is no script
	firstLine string // "" unless LogScript is set
}

const (
	// maxNoted is the number of bytes of a script that are looked at.
	maxNoted = 1 << 20
	// digestLength is the number of digits of a digest that the console shows.
	digestLength = 12
	// maxFirstLine is the size of the line of a script that is shown, in bytes.
	maxFirstLine = 120
)

// noteScript notes the script in a body of /evaluate for the console. The digest is the beginning of
// the one in the audit trail.
func (req *request) noteScript(body []byte) {
	if req.api.load == nil {
		return
	}
	script := runtime.ScriptIn(body)
	if len(script) == 0 || len(script) > maxNoted {
		return
	}
	if bytes.IndexByte(script, '\\') >= 0 {
		var text string
		if json.Unmarshal(append(append([]byte{'"'}, script...), '"'), &text) == nil {
			script = []byte(text)
		}
	}
	sum := sha256.Sum256(script)
	req.noted.digest = hex.EncodeToString(sum[:])[:digestLength]
	if req.api.cfg.LogScript {
		req.noted.firstLine = firstLineOf(string(script))
	}
}

// firstLineOf returns the first line of a script that is not empty.
func firstLineOf(script string) string {
	for line := range strings.Lines(script) {
		if line = strings.TrimSpace(line); line != "" {
			return sanitize(line, maxFirstLine)
		}
	}
	return ""
}

// observeCall adds a finished request to the figures of the console, if it got a cell, and its
// failure to the list of failures.
func (a *API) observeCall(req *request) {
	if a.load == nil {
		return
	}
	err := req.failedCall()
	if t := req.timing; t != (runtime.Timing{}) {
		a.load.Record(load.Call{
			Owner: owner(req), Account: req.shownAccount(), Digest: req.noted.digest, FirstLine: req.noted.firstLine, Failed: err != nil,
			Queue: t.Queue, Cell: t.Cell, Run: t.Run, Copy: t.Copy,
		})
	}
	if err != nil {
		a.faults.Add(req.fault(err))
	}
}

// shownAccount returns the name of the user, or the client address.
func (req *request) shownAccount() string {
	if name := sanitizeClaim(req.user.Name); name != "" {
		return name
	}
	if _, account, ok := strings.Cut(req.user.Account, " "); ok { // after the method of authentication
		return sanitizeClaim(account)
	}
	return req.clientAddr()
}
