package runtime

import (
	"container/list"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"tabcell/runtime/internal/guest"
	"tabcell/runtime/internal/pysource"
	"tabcell/runtime/internal/snapshot"

	"github.com/rs/zerolog"
)

// Workbooks send the same script with every request, and compiling it takes longer than running a short one. So code is kept: the second time that a
// script comes, it is compiled once more, in a fresh cell that is given the text and nothing else, and what comes out is handed to later cells
// that run it. Code therefore depends on its text alone: no request's data was in the cell that made it. Cells ask before they run the script,
// and once; an account has its own code, so that nobody learns what others run from how long it takes.

const (
	longestScript = 64 << 10 // bytes of a text that is kept
	longestCode   = 256 << 10
	mostScripts   = 4096
	mostCode      = 16 << 20               // bytes of all code
	compileTime   = 250 * time.Millisecond // more would keep others waiting
)

// scripts is the code that is kept, the least recently used of it dropped beyond the bounds.
type scripts struct {
	mu     sync.Mutex
	all    map[scriptKey]*list.Element // guarded by mu
	recent list.List                   // guarded by mu; of *script, the one used last first
	bytes  int                         // guarded by mu
}

// scriptKey is the digest of an account, a number of arguments and a text.
type scriptKey [sha256.Size]byte

type script struct {
	key     scriptKey
	code    []byte // nil: it came once, is being compiled, or cannot be
	claimed bool   // somebody has compiled it or does
}

func newScripts() *scripts { return &scripts{all: map[scriptKey]*list.Element{}} }

func keyOf(owner string, arguments uint32, text []byte) (key scriptKey) {
	h := sha256.New()
	var head [12]byte
	binary.LittleEndian.PutUint64(head[:], uint64(len(owner)))
	binary.LittleEndian.PutUint32(head[8:], arguments)
	h.Write(head[:])
	h.Write([]byte(owner))
	h.Write(text)
	h.Sum(key[:0])
	return key
}

// find is the code of a script that came now; compile tells the caller, and nobody else, to make it.
func (s *scripts) find(key scriptKey) (code []byte, compile bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.all[key]
	if e == nil {
		s.all[key] = s.recent.PushFront(&script{key: key})
		s.trim()
		return nil, false
	}
	s.recent.MoveToFront(e)
	found := e.Value.(*script)
	compile = !found.claimed
	found.claimed = true
	return found.code, compile
}

// unclaim lets a later call have the script compiled.
func (s *scripts) unclaim(key scriptKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.all[key]; e != nil {
		e.Value.(*script).claimed = false
	}
}

// keep notes the code of a script, unless it was dropped meanwhile.
func (s *scripts) keep(key scriptKey, code []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.all[key]; e != nil && len(code) <= longestCode {
		found := e.Value.(*script)
		s.bytes += len(code) - len(found.code)
		found.code = code
		s.trim()
	}
}

// trim is called with mu held.
func (s *scripts) trim() {
	for s.bytes > mostCode || s.recent.Len() > mostScripts {
		oldest := s.recent.Remove(s.recent.Back()).(*script)
		delete(s.all, oldest.key)
		s.bytes -= len(oldest.code)
	}
}

// uncompiled is a script that a call was told to have compiled.
type uncompiled struct {
	key       scriptKey
	arguments uint32
	text      string
}

// codeOf(arguments, script, len) -> bytes of the code that is kept for the script, which is input 4 then, or -1. A call's first question is
// answered and no other: that one is asked before the script runs.
func codeOf(c *call, m guest.Memory, s []uint64) {
	kept, arguments, n := c.scripts, uint32(s[0]), uint32(s[2])
	c.scripts = nil
	text, ok := m.View(uint32(s[1]), n)
	s[0] = uint64(refusal)
	if kept == nil || !ok || n > longestScript {
		return
	}
	key := keyOf(c.owner, arguments, text)
	code, compile := kept.find(key)
	if compile {
		c.compile = &uncompiled{key, arguments, string(text)}
	}
	if c.code = code; code != nil {
		s[0] = uint64(uint32(len(code)))
	}
}

// compile makes a script's code, in the place of the call that brought it, unless others wait for one. One that does not compile is not tried again,
// nor one of whose code something would be missing: the warnings that compiling prints, the order of a set among its constants.
func (e *Engine) compile(ctx context.Context, s *uncompiled) {
	if e.queue.Waiting() > 0 {
		e.scripts.unclaim(s.key)
		return
	}
	body, _ := json.Marshal([]any{s.arguments, s.text}) // a number and a text: nothing in it can fail
	ctx, end := context.WithTimeoutCause(context.WithoutCancel(ctx), compileTime, ErrTimeout)
	defer end()
	cell, err := e.template.NewCell(ctx, e.limits.Memory)
	if err != nil {
		zerolog.Ctx(ctx).Debug().Err(err).Msg("a script that came again could not be compiled ahead")
		return
	}
	defer func() { _ = cell.Close() }() // the code is a copy
	e.counts.instances.Add(1)
	limits := e.limits
	limits.Output = longestCode
	c := newCall(ctx, Call{Body: body}, limits, e.template.Interruption())
	err = cell.Compile(withCall(ctx, c))
	switch {
	case err == nil && c.kind == 0 && c.output.kept.Len() == 0 && !pysource.HasSets(c.reply):
		e.scripts.keep(s.key, c.reply)
	case err != nil && !errors.Is(err, snapshot.ErrNotLoaded):
		e.scripts.unclaim(s.key)
	}
}
