package grants

import (
	"sync/atomic"

	"tabcell/runtime"
)

// Live has the set in force. It implements httpapi.Grants and is safe for concurrent use. The zero
// value has no grants.
type Live struct{ current atomic.Pointer[Set] }

// Set puts another set in force. Calls that run keep their grants.
func (l *Live) Set(s *Set) { l.current.Store(s) }

// OfAccount implements httpapi.Grants.
func (l *Live) OfAccount(account string) []*runtime.Grant { return l.current.Load().OfAccount(account) }

// OfEndpoint implements httpapi.Grants.
func (l *Live) OfEndpoint(name string) []*runtime.Grant { return l.current.Load().OfEndpoint(name) }
