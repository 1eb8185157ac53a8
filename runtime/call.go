package runtime

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"tabcell/runtime/internal/guest"

	"github.com/rs/zerolog"
)

// call is the host's side of one evaluation: what the guest may read and what it handed out. Host functions find it in the context.
type call struct {
	ctx          context.Context
	limits       Limits
	body         []byte
	context      CallContext
	model        []byte // what a guest that loads a model reads
	services     Services
	owner        string
	scripts      *scripts    // nil: there is no code for this call, or it has asked
	code         []byte      // what it was given
	compile      *uncompiled // what it was told to have compiled; nil: nothing
	interruption guest.Interruption
	graceEnd     time.Time // zero until the deadline's first stage

	kind         Kind
	reply        []byte
	answer       []byte // of the last service
	output       printed
	trace        Trace
	entered      time.Time     // when the guest was
	ran          time.Duration // inside the guest until it began to write its reply; 0 until then
	ticks        uint64
	memoryDenied bool
}

func newCall(ctx context.Context, c Call, limits Limits, i guest.Interruption) *call {
	return &call{
		ctx: ctx, limits: limits, body: c.Body, context: c.Context, services: c.Services, owner: c.Account, interruption: i, output: printed{limit: limits.Print},
	}
}

// inside is the time in the guest so far, copies not counted.
func (c *call) inside() time.Duration { return time.Since(c.entered) - c.trace.Copy }

// mark notes that the guest has read the request. A script that pretends to be a guest falsifies the times of its own call and no more.
func (c *call) mark(which uint32) {
	if which == guest.InputParsed && c.trace.Parse == 0 {
		c.trace.Parse = c.inside()
	}
}

// left notes that the guest is left, with so much fuel in it.
func (c *call) left(tank int32) {
	c.trace.Run = c.inside()
	if c.ran > 0 {
		c.trace.Serialize = c.trace.Run - c.ran
	}
	c.trace.Fuel = c.ticks*fuel + uint64(fuel-tank)
}

type callKey struct{}

func withCall(ctx context.Context, c *call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// callOf is the running call; host functions are only ever entered from one.
func callOf(ctx context.Context) *call { return ctx.Value(callKey{}).(*call) }

// stop is the panic with which the host ends a guest; its instance is closed and never entered again.
type stop struct{ reason error }

func (s *stop) Error() string { return s.reason.Error() }
func (s *stop) Unwrap() error { return s.reason }

// input is what the guest may read of the call.
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
		}(c.context))
		return b, err == nil
	case guest.InputModel:
		return c.model, c.model != nil
	case guest.InputAnswer:
		return c.answer, c.answer != nil
	case guest.InputCode:
		return c.code, c.code != nil
	}
	return nil, false
}

// printed keeps the beginning of what a script prints, and counts the rest.
type printed struct {
	kept    bytes.Buffer
	limit   int
	dropped int
}

func (p *printed) write(b []byte) {
	room := max(0, min(p.limit-p.kept.Len(), len(b)))
	p.kept.Write(b[:room])
	p.dropped += len(b) - room
}

func (p *printed) bytes() []byte {
	if p.dropped > 0 {
		fmt.Fprintf(&p.kept, "\n[%d more bytes were printed and dropped]\n", p.dropped)
	}
	return p.kept.Bytes()
}

// firstLine is an error without wazero's stack trace of the guest.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return strings.TrimSuffix(line, " (recovered by wazero)")
}

// warmUps are evaluated once before the image is captured, so that what every call does for the first time is done.
var warmUps = []string{
	`{"data": {"_arg1": [1, 2.5, "é"]}, "script": "print(_arg1)\nreturn [_arg1, {'a': (None, True)}, 1e-300, str(tabpy.port)]"}`,
	`{"data": {}, "script": "return ("}`,
	`{"data": {}, "script": "\n  return {}['x']"}`,
	`{"data": {"_arg1": {"a": [1, 2]}}, "script": "return pandas.DataFrame(_arg1) if 'pandas' in globals() else NaN"}`,
	`{"data": {"_arg1": [NaN]}, "script": "return {1}"}`,
}

// bootCall gives an entry of the boot its call state; the n-th evaluation reads the n-th warm-up, other entries have n < 0.
func bootCall(ctx context.Context, n int, enter func(context.Context) error) error {
	c := newCall(ctx, Call{}, DefaultLimits(), guest.Interruption{})
	if n >= 0 {
		c.body = []byte(warmUps[n])
	}
	err := enter(withCall(ctx, c))
	switch said := c.output.kept.String(); {
	case said == "":
	case err != nil:
		err = fmt.Errorf("%w\n%s", err, said)
	case n < 0: // what warm-ups print is of no interest
		zerolog.Ctx(ctx).Warn().Msg(strings.TrimSpace(said))
	}
	return err
}
