package egress

import (
	"bytes"
	"strconv"
	"strings"

	"tabcell/runtime/internal/grant"
)

// A guard reads the HTTP requests that a script sends, and lets only those pass that are for the
// host of the grant. A host may have many names at one address, as those of a content delivery
// network do, so the address alone does not decide where a request goes. The guard is strict: if
// two readers could disagree about where a request ends, it is refused.
type guard struct {
	rules []rule
	state guardState
	line  []byte // the part of a head or a line that has been received
	left  int64  // bytes of the body or of the chunk
}

type guardState uint8

const (
	inHead guardState = iota
	inBody
	inChunkSize
	inChunk
	afterChunk // before the end of line that follows a chunk
	inTrailer
)

const (
	maxHead  = 256 << 10 // bytes of a request's head
	maxChunk = 4 << 10   // bytes of a line with the size of a chunk
)

var endOfLine = []byte("\r\n")

func newGuard(rules []rule) *guard { return &guard{rules: rules} }

// feed takes bytes that the script sends and returns a copy of those that may be sent now. A head
// is sent when it is complete and has been checked.
func (g *guard) feed(b []byte) (out []byte, err *grant.Error) {
	for len(b) > 0 {
		var n int
		var pass []byte
		switch g.state {
		case inBody, inChunk:
			n = int(min(int64(len(b)), g.left))
			pass = b[:n]
			g.endData(int64(n))
		case inHead:
			n, pass, err = g.takeHead(b)
		default:
			n, pass, err = g.takeLine(b)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, pass...)
		b = b[n:]
	}
	return out, nil
}

// endData counts n bytes of a body or a chunk.
func (g *guard) endData(n int64) {
	if g.left -= n; g.left > 0 {
		return
	}
	if g.state == inBody {
		g.state = inHead
	} else {
		g.state = afterChunk
	}
}

// takeHead adds bytes to the head, up to its end, and returns their number. When the head is
// complete, pass is the head
// as it is to be sent.
func (g *guard) takeHead(b []byte) (n int, pass []byte, err *grant.Error) {
	before := len(g.line)
	g.line = append(g.line, b[:min(len(b), maxHead-before+1)]...)
	end := bytes.Index(g.line[max(0, before-3):], []byte("\r\n\r\n"))
	if end < 0 {
		if len(g.line) > maxHead {
			return 0, nil, badRequest("its head has more than " + strconv.Itoa(maxHead) + " bytes")
		}
		if i := bytes.Index(g.line, []byte("\n\n")); i >= 0 || bytes.HasPrefix(g.line, []byte("\n")) {
			return 0, nil, badRequest("a line ends without a carriage return")
		}
		return len(g.line) - before, nil, nil
	}
	end += max(0, before-3) + 4
	head, body, failed := checkHead(string(g.line[:end]), g.rules)
	g.line = nil
	if failed != nil {
		return 0, nil, failed
	}
	switch {
	case body == chunked:
		g.state = inChunkSize
	case body > 0:
		g.state, g.left = inBody, body
	}
	return end - before, []byte(head), nil
}

// takeLine adds bytes to a line between the chunks of a body, up to its end, and returns their
// number. When the line is complete, pass is the line.
func (g *guard) takeLine(b []byte) (n int, pass []byte, err *grant.Error) {
	before := len(g.line)
	if end := bytes.IndexByte(b, '\n'); end >= 0 {
		g.line = append(g.line, b[:end+1]...)
	} else {
		g.line = append(g.line, b...)
	}
	if len(g.line) > maxChunk {
		return 0, nil, badRequest("the size of a chunk or a trailer is too long")
	}
	if g.line[len(g.line)-1] != '\n' {
		return len(g.line) - before, nil, nil
	}
	line := g.line
	g.line = nil
	text, ok := bytes.CutSuffix(line, endOfLine)
	if !ok || bytes.ContainsAny(text, "\r\x00") {
		return 0, nil, badRequest("a line ends without a carriage return")
	}
	return len(line) - before, line, g.endLine(string(text))
}

// endLine takes a complete line between the chunks of a body.
func (g *guard) endLine(text string) *grant.Error {
	switch g.state {
	case afterChunk:
		if text != "" {
			return badRequest("a chunk is longer than its size")
		}
		g.state = inChunkSize
	case inTrailer:
		if text == "" {
			g.state = inHead
		}
	case inChunkSize:
		size, _, _ := strings.Cut(text, ";")
		n, ok := chunkSize(size)
		if !ok {
			return badRequest("the size of a chunk is invalid")
		}
		g.state, g.left = inChunk, n
		if n == 0 {
			g.state = inTrailer
		}
	}
	return nil
}

// chunkSize parses hexadecimal digits.
func chunkSize(s string) (int64, bool) {
	if s == "" || len(s) > 12 || strings.Trim(s, "0123456789abcdefABCDEF") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 16, 64)
	return n, err == nil
}

// badRequest is the error of a request that is refused.
func badRequest(reason string) *grant.Error {
	return grant.Errorf(grant.Denied, "the HTTP request was refused: %s", reason)
}
