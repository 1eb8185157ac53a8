package runtime

import (
	"bytes"
	"encoding/json"

	"tabcell/runtime/internal/guest"
)

// longestHead bounds the line of JSON with which a guest's request begins, bytes; a name in it is the longest part.
const longestHead = 4096

// request is what a guest asks of the server.
type request struct {
	Service Service `json:"service"`
	Name    string  `json:"name"`
	Body    int     `json:"body"` // bytes behind the line; what follows is code

	body, code []byte
}

// askServer(request, len) -> the answer's status, or -1 where the call may ask for nothing or the request makes no sense. The answer is input 3 until
// the next request. It takes as long as the service does, which the call's deadline bounds; a query among them runs in the place of this
// call, whose cell stands still meanwhile.
func askServer(c *call, m guest.Memory, s []uint64) {
	p, n := uint32(s[0]), uint32(s[1])
	s[0] = uint64(refusal)
	c.answer = nil
	if c.services == nil || uint64(n) > c.limits.Output {
		return
	}
	b, ok := m.Copy(p, n)
	if !ok {
		return
	}
	r, ok := readRequest(b)
	if !ok {
		return
	}
	if p := placeOf(c.ctx); p != nil && r.Service != ServiceQuery && r.Service != ServiceList && r.Service != ServiceStatus {
		p.acted.Store(true)
	}
	status, answer := c.services.Serve(c.ctx, r.Service, r.Name, r.body, r.code)
	if c.answer = answer; answer == nil {
		c.answer = []byte{}
	}
	s[0] = uint64(uint32(status))
	if c.ctx.Err() != nil {
		tick(c, m, nil) // its time was up meanwhile
	}
}

// readRequest takes a request apart: a line {"service", "name", "body"}, the body, and the code, nil when nothing follows.
func readRequest(b []byte) (r request, ok bool) {
	end := bytes.IndexByte(b[:min(len(b), longestHead)], '\n')
	if end < 0 || json.Unmarshal(b[:end], &r) != nil {
		return r, false
	}
	rest := b[end+1:]
	if r.Body < 0 || r.Body > len(rest) {
		return r, false
	}
	r.body = rest[:r.Body:r.Body]
	if r.Body < len(rest) {
		r.code = rest[r.Body:]
	}
	return r, true
}
