package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"tabcell/runtime/internal/guest"
	"tabcell/runtime/internal/pysource"
	"tabcell/runtime/internal/snapshot"

	"github.com/rs/zerolog"
)

// Workbooks send the same script with every request, and compiling a short script takes longer than
// running it. So the second time that a script arrives, it is compiled once more, in a fresh cell
// that gets its text and nothing else, and the compiled code is given to later cells that run the
// script. The code therefore depends on the text only: no data of a request was in the cell that
// made it.
//
// A cell can ask for code only once, before it runs the script. Each account has its own code.
// Otherwise a script could learn the scripts of others from the time that its compilation takes.

const (
	maxScript   = 64 << 10               // bytes of a script's text
	compileTime = 250 * time.Millisecond // a longer compilation would delay other calls
)

// ScriptIn returns the script in a request body of /evaluate, as it is written in the JSON there and
// without quotes. It does not read the whole of a long body, and returns nil if it finds none. What
// it returns is fit for statistics, not for decisions: the guest may read another script in the same
// body.
func ScriptIn(body []byte) []byte { return pysource.Script(body) }

// scriptSource is a script that is compiled after the call that brought it.
type scriptSource struct {
	key       scriptKey
	arguments uint32 // number of arguments
	text      string
}

// lookUpCode(arguments, script, len) returns the size of the compiled code of a script, or noResult
// if there is none. The code is then an input of the guest. Only the first lookup of a call, which
// comes before the script runs, can find anything.
func lookUpCode(c *call, m guest.Memory, s []uint64) {
	cache, arguments, n := c.scripts, uint32(s[0]), uint32(s[2])
	c.scripts = nil
	text, ok := m.View(uint32(s[1]), n)
	s[0] = uint64(noResult)
	if cache == nil || !ok || n > maxScript {
		return
	}
	key := newScriptKey(c.account, arguments, text)
	code, mustCompile := cache.find(key)
	if mustCompile {
		c.toCompile = &scriptSource{key, arguments, string(text)}
	}
	if c.code = code; code != nil {
		s[0] = uint64(uint32(len(code)))
	}
}

// compile compiles a script with the permit of the call that brought it, unless other calls wait
// for a permit. It does not try a script again that cannot be compiled, or whose code would behave
// differently from its text: compiling it prints warnings, or a set among its constants would have
// another order.
func (e *Engine) compile(ctx context.Context, s *scriptSource) {
	if e.queue.Waiting() > 0 {
		e.scripts.unclaim(s.key)
		return
	}
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), compileTime, ErrTimeout)
	defer cancel()
	cell, err := e.template.NewCell(ctx, e.limits.Memory)
	if err != nil {
		zerolog.Ctx(ctx).Debug().Err(err).Msg("a repeated script could not be compiled ahead of time")
		return
	}
	defer func() { _ = cell.Close() }() // the code is a copy
	e.counts.instances.Add(1)
	limits := e.limits
	limits.Output = maxCode
	body, _ := json.Marshal([]any{s.arguments, s.text}) // a number and a string always marshal
	c := newCall(ctx, Call{Body: body}, limits, e.template.Interruption())
	err = cell.Compile(withCall(ctx, c))
	switch {
	case err == nil && c.kind == 0 && c.output.buf.Len() == 0 && !pysource.HasSets(c.reply):
		e.scripts.store(s.key, c.reply)
	case err != nil && !errors.Is(err, snapshot.ErrNotLoaded):
		e.scripts.unclaim(s.key)
	}
}
