package runtime

import (
	"fmt"
	"net/http"
	"sync/atomic"

	"tabcell/runtime/internal/guest"
)

// A call that makes a request keeps its memory while calls below it run with the same permit. All
// of them together may use as much as one call: each gets the memory that those above it have left.

// allowance is the memory of a permit that is in use while a call waits for one below it.
type allowance struct {
	cells atomic.Uint64 // bytes by which the memories of waiting cells exceed their images
	host  atomic.Uint64 // bytes of requests and responses in the memory of the host
}

// left returns the limits of a call below those that wait.
func (a *allowance) left(l Limits) Limits {
	l.Memory = remainder(l.Memory, a.cells.Load())
	l.Output = remainder(l.Output, a.host.Load())
	return l
}

// remainder returns the rest of a limit, at least 1: an image is available even if nothing is left.
func remainder(limit, used uint64) uint64 {
	if used >= limit {
		return 1
	}
	return limit - used
}

// allowanceOf returns the allowance of the call's permit, or an unused one if it has no permit.
func (c *call) allowanceOf() *allowance {
	if p := permitOf(c.ctx); p != nil {
		return &p.used
	}
	return &allowance{}
}

// lend counts the memory of the call and its request of n bytes as used, until the returned
// function is called.
func (c *call) lend(m guest.Memory, n uint32) (end func()) {
	used, grown := c.allowanceOf(), m.Size()-min(m.Size(), c.imageSize)
	used.cells.Add(grown)
	used.host.Add(uint64(n))
	return func() {
		used.cells.Add(-grown)
		used.host.Add(-uint64(n))
	}
}

// setResponse sets the response of a service, in place of the last one.
func (c *call) setResponse(response []byte) {
	c.allowanceOf().host.Add(uint64(len(response)) - uint64(len(c.response)))
	c.response = response
}

// refuseRequest responds to a request of n bytes that exceeds the limit, as the server responds to
// a body that is too long.
func (c *call) refuseRequest(n uint32) (status uint32) {
	c.setResponse(fmt.Appendf(nil, `{"message": "The request of the script has %d bytes, `+
		`and with those above it more than the limit of %d bytes (TABCELL_MAX_REQUEST_SIZE_MB).", "info": {}}`, n, c.limits.Request))
	return http.StatusRequestEntityTooLarge
}
