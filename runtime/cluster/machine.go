package cluster

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"tabcell/runtime/registry"
)

// maxDone is the number of requests whose results the machine remembers.
const maxDone = 4096

// machine is the replicated state. Its methods use no clock, no disk and no randomness, so that the
// same commands make the same state on all nodes. It is safe for concurrent use.
type machine struct {
	mu     sync.RWMutex
	state  state
	done   map[string]finished // state.Done by id
	halted error               // a command of a newer version came; nothing is applied any more
}

// state is the content of a snapshot.
type state struct {
	Applied     uint64 // index of the last command
	Revision    uint64 // index of the last command that changed an endpoint
	Commands    int    // the newest version among all commands that were applied
	Imported    bool   // the endpoints of the first node are part of the state
	Members     map[string]Member
	Tokens      map[string]token // by digest
	Authorities []authority      // the first one signs; certificates of all are accepted
	Done        []finished       // the last changes, oldest first
	Endpoints   map[string]registry.Endpoint
}

// finished is the result of a request that changed an endpoint.
type finished struct {
	ID      string `json:"id"`
	Index   uint64 `json:"index"`
	Name    string `json:"name"`
	Version int    `json:"version"`       // 0 after a removal
	Sum     string `json:"sum,omitempty"` // of the version's code
}

// result is the result of a command.
type result struct {
	index    uint64
	err      error // the command changed nothing
	changed  bool  // an endpoint was changed, from old to now; a zero Endpoint is absent
	old, now registry.Endpoint
}

func newMachine() *machine {
	return &machine{state: emptyState(), done: map[string]finished{}}
}

func emptyState() state {
	return state{Members: map[string]Member{}, Tokens: map[string]token{}, Endpoints: map[string]registry.Endpoint{}}
}

// apply applies the command at an index of the log. The error of the result is a *versionError, or
// the reason why the command changed nothing.
func (m *machine) apply(index uint64, text []byte) result {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := result{index: index}
	if m.halted != nil {
		r.err = m.halted
		return r
	}
	c, err := decodeCommand(text)
	if newer, ok := errors.AsType[*versionError](err); ok {
		m.halted, r.err = newer, newer
		return r
	}
	m.state.Applied = index
	if err != nil {
		r.err = err
		return r
	}
	m.state.Commands = max(m.state.Commands, c.Version)
	m.execute(c, &r)
	return r
}

// execute executes a valid command. The caller holds m.mu.
func (m *machine) execute(c command, r *result) {
	s := &m.state
	switch c.Type {
	case putCommand, removeCommand:
		m.change(c, r)
	case importedCommand:
		s.Imported = true
	case memberCommand:
		s.setMember(*c.Member)
	case forgetCommand:
		delete(s.Members, c.Name)
	case tokenCommand:
		r.err = s.addToken(*c.Token, c.Now)
	case joinCommand:
		r.err = s.join(c)
	case authorityCommand:
		s.addAuthority(*c.Authority)
	case retireCommand:
		s.Authorities = s.Authorities[:min(1, len(s.Authorities))]
	}
}

// change executes a command that changes an endpoint.
func (m *machine) change(c command, r *result) {
	if _, repeated := m.done[c.ID]; repeated && c.ID != "" {
		return
	}
	if c.Base != m.state.Revision {
		r.err = errConflict
		return
	}
	r.changed = true
	if c.Type == putCommand {
		r.now = *c.Endpoint
		r.old = m.state.Endpoints[r.now.Name]
		m.state.Endpoints[r.now.Name] = r.now
	} else {
		r.old = m.state.Endpoints[c.Name]
		delete(m.state.Endpoints, c.Name)
	}
	m.state.Revision = r.index
	m.remember(finished{c.ID, r.index, cmp.Or(r.now.Name, r.old.Name), r.now.Version, r.now.Current().Sum})
}

func (m *machine) remember(f finished) {
	if f.ID == "" {
		return
	}
	m.state.Done = append(m.state.Done, f)
	m.done[f.ID] = f
	if excess := len(m.state.Done) - maxDone; excess > 0 {
		for _, old := range m.state.Done[:excess] {
			delete(m.done, old.ID)
		}
		m.state.Done = slices.Clone(m.state.Done[excess:])
	}
}

func (s *state) addToken(t token, now int64) error {
	maps.DeleteFunc(s.Tokens, func(_ string, t token) bool { return now >= t.Expires })
	if len(s.Tokens) >= maxTokens {
		return fmt.Errorf("%w: there are %d join tokens that have not expired, which is the limit", ErrRefused, maxTokens)
	}
	s.Tokens[t.Digest] = t
	return nil
}

// setMember adds or replaces a member.
func (s *state) setMember(m Member) {
	m.Token, m.Key = s.Members[m.ID].Token, s.Members[m.ID].Key
	s.Members[m.ID] = m
}

// join uses a token for a member.
func (s *state) join(c command) error {
	for id, other := range s.Members {
		if id != c.Member.ID && other.Name == c.Member.Name {
			return fmt.Errorf("%w: a node named %q is a member; remove it first with `tabcell cluster remove %s`, or choose another name",
				ErrRefused, other.Name, other.Name)
		}
	}
	t, ok := s.Tokens[c.Name]
	old, exists := s.Members[c.Member.ID]
	repeated := exists && old.Token == c.Name && old.Key == c.Member.Key // an interrupted request
	switch {
	case !ok || c.Now >= t.Expires || t.Uses < 1 && !repeated:
		return ErrToken
	case exists && !repeated:
		return fmt.Errorf("%w: a member has the id %s", ErrRefused, c.Member.ID)
	}
	if !repeated {
		t.Uses--
		s.Tokens[c.Name] = t
	}
	joined := *c.Member
	joined.Voter, joined.Token = joined.Voter && t.Voter, c.Name
	s.Members[joined.ID] = joined
	return nil
}

// addAuthority makes a the authority that signs. It does nothing if it is one already.
func (s *state) addAuthority(a authority) {
	known := slices.ContainsFunc(s.Authorities, func(b authority) bool { return b.Certificate == a.Certificate })
	if !known {
		s.Authorities = slices.Insert(s.Authorities, 0, a)
		s.Authorities = s.Authorities[:min(len(s.Authorities), maxAuthorities)]
	}
}
