package codecache

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"tabcell/runtime/internal/wasmbin"

	"github.com/rs/zerolog"
)

const preparedPrefix = "rewritten-"

func isPrepared(name string) bool { return strings.HasPrefix(name, preparedPrefix) }

// prepared is the rewritten guest. Rewriting takes as long as all the rest of a warm start; its outcome depends on the guest, which has the
// folder, and on the code of the rewriter, which the program's digest stands for: any other program makes its own.
func (c *codeCache) prepared(ctx context.Context, program string, rewrite func() (*wasmbin.Prepared, error)) (*wasmbin.Prepared, error) {
	if c.dir == "" || program == "" {
		return rewrite()
	}
	name := preparedPrefix + program
	if c.known[name] != "" {
		if b, err := os.ReadFile(c.path(name)); err == nil {
			if p, err := decodePrepared(b); err == nil && c.standsIn(p.Code) {
				return p, nil
			}
		}
	}
	p, err := rewrite()
	if err != nil || c.shipped {
		return p, err
	}
	kept := *p
	if kept.Code, err = wasmbin.StubModule(p.Code); err == nil {
		err = c.keepPrepared(name, &kept)
	}
	if err != nil {
		zerolog.Ctx(ctx).Warn().Err(err).Msg("the rewritten guest could not be kept: the next start rewrites it again")
	}
	return p, nil
}

// storedGuest is a rewritten guest as a line of JSON without the long parts, which follow: first the code, then what must be in memory.
type storedGuest struct {
	wasmbin.Prepared
	Lengths []int // of the parts
}

func encodePrepared(p *wasmbin.Prepared) []byte {
	stored := storedGuest{Prepared: *p}
	parts := [][]byte{p.Code}
	stored.Code, stored.Data = nil, slices.Clone(p.Data)
	for i, s := range p.Data {
		parts = append(parts, s.Bytes)
		stored.Data[i].Bytes = nil
	}
	for _, part := range parts {
		stored.Lengths = append(stored.Lengths, len(part))
	}
	return behindHead(stored, parts)
}

// behindHead is a line of JSON of numbers and texts, with parts behind it whose lengths it tells.
func behindHead(head any, parts [][]byte) []byte {
	line, _ := json.Marshal(head) // nothing in it can fail
	return bytes.Join(append([][]byte{append(line, '\n')}, parts...), nil)
}

// cutParts are the parts behind a head, not copied.
func cutParts(rest []byte, lengths []int) ([][]byte, error) {
	parts := make([][]byte, len(lengths))
	for i, n := range lengths {
		if n < 0 || n > len(rest) {
			return nil, io.ErrUnexpectedEOF
		}
		parts[i], rest = rest[:n:n], rest[n:]
	}
	return parts, nil
}

// decodePrepared keeps b. It is an error when b is not what encodePrepared made.
func decodePrepared(b []byte) (*wasmbin.Prepared, error) {
	head, rest, _ := bytes.Cut(b, []byte{'\n'})
	var stored storedGuest
	if err := json.Unmarshal(head, &stored); err != nil {
		return nil, err
	}
	if len(stored.Lengths) != 1+len(stored.Data) {
		return nil, errors.New("parts are missing")
	}
	parts, err := cutParts(rest, stored.Lengths)
	if err != nil {
		return nil, err
	}
	stored.Code = parts[0]
	for i := range stored.Data {
		stored.Data[i].Bytes = parts[1+i]
	}
	return &stored.Prepared, nil
}

// keepPrepared takes the place of what other programs kept.
func (c *codeCache) keepPrepared(name string, p *wasmbin.Prepared) error {
	if err := c.forget(isPrepared); err != nil {
		return err
	}
	return replaceFile(c.path(name), encodePrepared(p))
}
