package runtime

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tabcell/runtime/internal/guest"
	"tabcell/runtime/memfile"
)

// call is the host's side of one entry of a guest: the inputs that the guest may read, and the
// reply that it has given. Host functions find it in the context.
type call struct {
	ctx          context.Context
	limits       Limits
	body         []byte
	table        [][]byte               // pieces of an Arrow IPC stream, or nil
	tableFiles   map[int]*memfile.Chunk // see Call
	tableReply   TableReply             // or nil
	releaseTable func()                 // or nil
	boot         *bootSource            // nil except during a boot
	context      CallContext
	model        []byte // input of a guest that loads a model
	services     Services
	grants       grantState
	account      string
	scripts      *scriptCache  // nil if the call has no compiled script, or has asked for it
	code         []byte        // compiled script from the cache
	toCompile    *scriptSource // script that is compiled after the call; nil for none
	interruption guest.Interruption
	graceEnd     time.Time // zero until the script was interrupted at its deadline

	watched       []string // modules and distributions of another guest; see noteMissing
	searched      string   // the first of them that the guest searched for after an effect
	effectsBefore uint64   // effects of the permit's earlier calls

	kind         Kind
	reply        []byte
	response     []byte     // of the last service; set by setResponse
	imageSize    uint64     // bytes of the memory at the start
	cell         cellMemory // nil before the guest is entered
	output       printBuffer
	errors       *printBuffer // text for standard error; it may be output
	memory       uint64       // largest size of the cell's memory
	trace        Trace
	entered      time.Time     // when the guest was entered
	untilReply   time.Duration // in the guest until it began to write its reply; 0 until then
	ticks        uint64
	attempts     int // depth of nested attempts
	memoryDenied bool
}

func newCall(ctx context.Context, c Call, limits Limits, i guest.Interruption) *call {
	new := &call{
		ctx: ctx, limits: limits, body: c.Body, table: c.Table, tableFiles: c.TableFiles, tableReply: c.TableReply, releaseTable: c.ReleaseTable,
		context: c.Context, services: c.Services, grants: grantState{grants: c.Grants}, account: c.Account,
		interruption: i, output: printBuffer{limit: limits.Print},
	}
	new.errors = &new.output
	if c.SeparateErrors {
		new.errors = &printBuffer{limit: limits.Print}
	}
	if p := permitOf(ctx); p != nil {
		new.effectsBefore = p.effects.Load()
	}
	return new
}

type callKey struct{}

func withCall(ctx context.Context, c *call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// callOf returns the call that the guest was entered for. Host functions are only entered with one.
func callOf(ctx context.Context) *call { return ctx.Value(callKey{}).(*call) }

// stop is the panic by which the host ends a guest. The instance is closed and never entered again.
type stop struct{ reason error }

func (s *stop) Error() string { return s.reason.Error() }
func (s *stop) Unwrap() error { return s.reason }

// guestTime returns the time in the guest so far, without copying.
func (c *call) guestTime() time.Duration { return time.Since(c.entered) - c.trace.Copy }

// markParsed notes that the guest has read the request, if which is the number of the mark. A
// script can call this too; it then falsifies only the times of its own call.
func (c *call) markParsed(which uint32) {
	if which == guest.InputParsed && c.trace.Parse == 0 {
		c.trace.Parse = c.guestTime()
	}
}

// finishTrace completes the trace after the guest has returned with fuelLeft.
func (c *call) finishTrace(fuelLeft int32) {
	c.trace.Run = c.guestTime()
	if c.untilReply > 0 {
		c.trace.Serialize = c.trace.Run - c.untilReply
	}
	c.trace.Fuel = c.ticks*fuel + uint64(fuel-fuelLeft)
}

// input returns an input of the guest, or false if the call does not have it.
func (c *call) input(which uint32) ([]byte, bool) {
	switch which {
	case guest.InputBody:
		return c.body, true
	case guest.InputContext:
		b, err := json.Marshal(struct {
			Protocol string            `json:"protocol"`
			Port     string            `json:"port"`
			Timeout  json.Number       `json:"timeout"`
			Headers  map[string]string `json:"headers"`
			Grants   *grantContext     `json:"grants,omitempty"`
		}{c.context.Protocol, c.context.Port, c.context.Timeout, c.context.Headers, c.grants.context()})
		return b, err == nil
	case guest.InputEnv:
		return c.grants.environment()
	case guest.InputModel:
		return c.model, c.model != nil
	case guest.InputAnswer:
		return c.response, c.response != nil
	case guest.InputCode:
		return c.code, c.code != nil
	}
	return nil, false
}

// printBuffer keeps the beginning of the printed text and counts the dropped bytes.
type printBuffer struct {
	buf     bytes.Buffer
	limit   int // bytes
	dropped int // bytes
}

func (p *printBuffer) write(b []byte) {
	room := max(0, min(p.limit-p.buf.Len(), len(b)))
	p.buf.Write(b[:room])
	p.dropped += len(b) - room
}

// bytes returns the text with a note about the dropped part. It must be called only once.
func (p *printBuffer) bytes() []byte {
	if p.dropped > 0 {
		fmt.Fprintf(&p.buf, "\n[%d more bytes were printed and dropped; %d KB are kept]\n", p.dropped, p.limit>>10)
	}
	return p.buf.Bytes()
}
