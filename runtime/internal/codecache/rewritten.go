package codecache

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"tabcell/runtime/internal/snapshot"
	"tabcell/runtime/internal/wasmbin"
	"tabcell/runtime/osfile"

	"github.com/rs/zerolog"
)

const rewrittenPrefix = "rewritten-"

func isRewritten(name string) bool { return strings.HasPrefix(name, rewrittenPrefix) }

// Rewritten returns the rewritten guest, from the cache or by calling rewrite, which takes as long
// as all the rest of a warm start. If it comes from the cache, its code is the stub, which Compiled
// accepts. The result of rewrite depends on the guest, to which the folder belongs, and on the code
// of the rewriter. The digest of the program stands for the rewriter, so that the files of another
// program are not used.
func (c *Cache) Rewritten(rewrite snapshot.Rewrite) (*wasmbin.Prepared, error) {
	if c.dir == "" || c.program == "" {
		return rewrite()
	}
	name := rewrittenPrefix + c.program
	if p := c.readRewritten(name); p != nil {
		return p, nil
	}
	p, err := rewrite()
	if err != nil || c.bundle {
		return p, err
	}
	if err := c.storeRewritten(name, *p); err != nil {
		zerolog.Ctx(c.ctx).Warn().Err(err).
			Msg("the rewritten guest could not be stored in the cache; the next start rewrites it again")
	}
	return p, nil
}

// readRewritten returns nil if there is no such file, or no compiled code for its stub.
func (c *Cache) readRewritten(name string) *wasmbin.Prepared {
	if !c.isVerified(name) {
		return nil
	}
	f, err := os.Open(c.path(name))
	if err != nil {
		return nil
	}
	defer f.Close()
	p, err := decodeStub(f)
	if err != nil || !c.hasCodeFor(p.Code) {
		return nil
	}
	p.ReadData = func() ([]wasmbin.Segment, error) { return c.readSegments(name) }
	return p
}

// readSegments reads the data segments, which are megabytes, and which only a boot needs.
func (c *Cache) readSegments(name string) ([]wasmbin.Segment, error) {
	b, err := os.ReadFile(c.path(name))
	if err != nil {
		return nil, err
	}
	if osfile.Digest(b) != c.digestOf(name) {
		return nil, fmt.Errorf("%s has changed since the cache was opened", c.path(name))
	}
	p, err := decodeRewritten(b)
	if err != nil {
		return nil, err
	}
	return p.Data, nil
}

// storeRewritten stores p with the stub in place of its code. It removes the files of other
// programs.
func (c *Cache) storeRewritten(name string, p wasmbin.Prepared) (err error) {
	if p.Code, err = wasmbin.StubModule(p.Code); err != nil {
		return err
	}
	if err := c.remove(isRewritten); err != nil {
		return err
	}
	return c.replace(name, encodeRewritten(&p))
}

// storedGuest is the head of a rewritten guest's file; its code and the bytes of its data segments
// follow.
type storedGuest struct {
	wasmbin.Prepared
	Lengths []int // of the code and the segments
}

func encodeRewritten(p *wasmbin.Prepared) []byte {
	stored := storedGuest{Prepared: *p}
	parts := [][]byte{p.Code}
	stored.Code, stored.Data = nil, slices.Clone(p.Data)
	for i, s := range p.Data {
		parts = append(parts, s.Bytes)
		stored.Data[i].Bytes = nil
	}
	stored.Lengths = lengthsOf(parts)
	return encodeParts(stored, parts)
}

// decodeStub decodes the beginning of the result of encodeRewritten. The guest has no data segments.
func decodeStub(r io.Reader) (*wasmbin.Prepared, error) {
	buffered := bufio.NewReader(r)
	line, err := buffered.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	var stored storedGuest
	if _, err := decodeHead(line, &stored); err != nil {
		return nil, err
	}
	if len(stored.Lengths) == 0 || stored.Lengths[0] < 0 {
		return nil, errors.New("the code is missing")
	}
	var code bytes.Buffer
	if _, err := io.CopyN(&code, buffered, int64(stored.Lengths[0])); err != nil {
		return nil, err
	}
	stored.Code, stored.Data = code.Bytes(), nil
	return &stored.Prepared, nil
}

// decodeRewritten decodes the result of encodeRewritten. The guest has slices of b.
func decodeRewritten(b []byte) (*wasmbin.Prepared, error) {
	var stored storedGuest
	rest, err := decodeHead(b, &stored)
	if err != nil {
		return nil, err
	}
	if len(stored.Lengths) != 1+len(stored.Data) {
		return nil, errors.New("parts are missing")
	}
	parts, err := splitParts(rest, stored.Lengths)
	if err != nil {
		return nil, err
	}
	stored.Code = parts[0]
	for i := range stored.Data {
		stored.Data[i].Bytes = parts[1+i]
	}
	return &stored.Prepared, nil
}
