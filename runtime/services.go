package runtime

import (
	"bytes"
	"context"
	"encoding/json"

	"tabcell/runtime/internal/guest"
)

// Service is a kind of request that a running script can make to the server.
type Service string

// The services, named after the methods of TabPy's client. Each responds as its HTTP route does.
const (
	// ServiceQuery is POST /query/NAME: tabpy.query in a script, and the client's query. The body
	// is {"data": ...}.
	ServiceQuery  Service = "query"
	ServiceList   Service = "list"   // GET /endpoints; no name, no body
	ServiceStatus Service = "status" // GET /status; no name, no body
	// ServiceDeploy is POST or PUT /endpoints. The body is the client's, without src_path and with
	// "override"; the code is the archive or the source.
	ServiceDeploy Service = "deploy"
	// ServiceUpdate is a PUT /endpoints/NAME that changes the description of an endpoint. The body
	// is the client's; the code is nil.
	ServiceUpdate Service = "update"
	ServiceRemove Service = "remove" // DELETE /endpoints/NAME
)

// changesServer reports whether a request to the service can have an effect that outlives the
// script.
func (s Service) changesServer() bool {
	return s != ServiceQuery && s != ServiceList && s != ServiceStatus
}

// Services handles the requests of a running script. The caller of Evaluate provides it for each
// call.
type Services interface {
	// Serve handles one request with the rights of the call's own caller, and never with more. It
	// returns an HTTP status and a JSON body, which is empty for 204. It must refuse requests of
	// calls that are nested too deeply.
	//
	// ctx is the context of the call, so that its deadline bounds the request and everything below
	// it. Serve must return soon after ctx is done. A query below runs with the permit of the call,
	// whose cell stands still in the meantime.
	//
	// name, body and code come from the script and must not be trusted. code is the archive or the
	// source of ServiceDeploy, and nil otherwise.
	Serve(ctx context.Context, service Service, name string, body, code []byte) (status int, response []byte)
}

// maxHeader is the maximum length in bytes of the first line of a request. A name is its longest
// part.
const maxHeader = 4096

// serviceRequest is a request of a guest: a line of JSON, the body, and the code.
type serviceRequest struct {
	Service  Service `json:"service"`
	Name     string  `json:"name"`
	BodySize int     `json:"body"` // bytes after the line; the rest is code

	body, code []byte
}

// askServer(request, len) has a service handle a request and returns the status of its response, or
// noResult if the request is invalid or the call must not make any. The response is an input of the
// guest until the next request. The function takes as long as the service, which the deadline of
// the call bounds.
func askServer(c *call, m guest.Memory, s []uint64) {
	p, n := uint32(s[0]), uint32(s[1])
	s[0] = uint64(noResult)
	c.setResponse(nil)
	if c.services == nil {
		return
	}
	if uint64(n) > remainder(c.limits.Request, c.allowanceOf().host.Load()) {
		s[0] = uint64(c.refuseRequest(n))
		return
	}
	b, ok := m.Copy(p, n)
	if !ok {
		return
	}
	r, ok := parseRequest(b)
	if !ok {
		return
	}
	if p := permitOf(c.ctx); p != nil && r.Service.changesServer() {
		p.effects.Add(1)
	}
	end := c.lend(m, n)
	status, response := c.services.Serve(c.ctx, r.Service, r.Name, r.body, r.code)
	end()
	if response == nil {
		response = []byte{}
	}
	c.setResponse(response)
	s[0] = uint64(uint32(status))
	if c.ctx.Err() != nil {
		tick(c, m, nil) // the deadline may have passed
	}
}

// parseRequest parses the request of a guest. The code is nil if nothing follows the body.
func parseRequest(b []byte) (r serviceRequest, ok bool) {
	end := bytes.IndexByte(b[:min(len(b), maxHeader)], '\n')
	if end < 0 || json.Unmarshal(b[:end], &r) != nil {
		return r, false
	}
	rest := b[end+1:]
	if r.BodySize < 0 || r.BodySize > len(rest) {
		return r, false
	}
	r.body = rest[:r.BodySize:r.BodySize]
	if r.BodySize < len(rest) {
		r.code = rest[r.BodySize:]
	}
	return r, true
}
