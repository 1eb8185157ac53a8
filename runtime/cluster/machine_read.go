package cluster

import (
	"maps"
	"slices"

	"tabcell/runtime/registry"
)

// view calls plan with a view of the endpoints and their revision. plan must not call the machine.
func (m *machine) view(o registry.Options, plan func(v registry.View, revision uint64) error) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return plan(registry.NewView(o, m.state.Endpoints), m.state.Revision)
}

// get returns an endpoint, and false if there is none.
func (m *machine) get(name string) (registry.Endpoint, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	e, ok := m.state.Endpoints[name]
	return e, ok
}

// endpoints returns a copy of the endpoints by name, and the index of the last command.
func (m *machine) endpoints() (map[string]registry.Endpoint, uint64) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return maps.Clone(m.state.Endpoints), m.state.Applied
}

// finishedRequest returns the result of a request that has changed an endpoint.
func (m *machine) finishedRequest(id string) (finished, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	f, ok := m.done[id]
	return f, ok
}

func (m *machine) applied() uint64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.state.Applied
}

func (m *machine) imported() bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.state.Imported
}

// haltedBy returns the error that ended the application of the log, and nil in normal operation.
func (m *machine) haltedBy() error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.halted
}

// member returns what is known of a node; without anything, only its id is set.
func (m *machine) member(id string) (Member, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	member, ok := m.state.Members[id]
	member.ID = id
	return member, ok
}

// members returns all members by id.
func (m *machine) members() map[string]Member {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return maps.Clone(m.state.Members)
}

// commands returns the newest version of commands that all members know.
func (m *machine) commands() int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	version := CommandVersion
	for _, member := range m.state.Members {
		version = min(version, member.Commands)
	}
	return version
}

// used returns the newest version among the commands that were applied.
func (m *machine) used() int {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.state.Commands
}

// authorities returns the authorities, the newest first.
func (m *machine) authorities() []authority {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return slices.Clone(m.state.Authorities)
}
