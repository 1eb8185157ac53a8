package cluster

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"tabcell/runtime/registry"
)

// A snapshot has lines of JSON: a header with everything except the endpoints, then the endpoints
// in the order of their names. The header has their number, so that an early end is noticed.
type snapshotHeader struct {
	Format      int               `json:"format"`
	Applied     uint64            `json:"applied"`
	Revision    uint64            `json:"revision"`
	Commands    int               `json:"commands,omitempty"`
	Imported    bool              `json:"imported"`
	Members     map[string]Member `json:"members"`
	Tokens      map[string]token  `json:"tokens"`
	Authorities []authority       `json:"authorities"`
	Done        []finished        `json:"done"`
	Endpoints   int               `json:"endpoints"`
}

const (
	snapshotFormat = 1
	// maxSnapshotLine limits a line in bytes. The header grows with members, tokens and requests.
	maxSnapshotLine = 16 << 20
	// maxSnapshotEndpoints limits the number of endpoints in a snapshot.
	maxSnapshotEndpoints = 1 << 20
)

// capture returns a copy of the state for a snapshot. Its error is that of a halted machine, whose
// log must stay.
func (m *machine) capture() (state, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.halted != nil {
		return state{}, m.halted
	}
	s := m.state
	s.Members, s.Tokens, s.Endpoints = maps.Clone(s.Members), maps.Clone(s.Tokens), maps.Clone(s.Endpoints)
	s.Authorities, s.Done = slices.Clone(s.Authorities), slices.Clone(s.Done)
	return s, nil
}

// write writes a snapshot of s.
func (s state) write(w io.Writer) error {
	buffered := bufio.NewWriter(w)
	header := snapshotHeader{snapshotFormat, s.Applied, s.Revision, s.Commands, s.Imported, s.Members, s.Tokens, s.Authorities, s.Done, len(s.Endpoints)}
	if err := writeLine(buffered, header); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(s.Endpoints)) {
		if err := writeLine(buffered, s.Endpoints[name]); err != nil {
			return err
		}
	}
	return buffered.Flush()
}

func writeLine(w *bufio.Writer, v any) error {
	text, err := marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// restore replaces the state by that of a snapshot. After an error the state is unchanged.
func (m *machine) restore(r io.Reader) error {
	s, err := readSnapshot(r)
	if err != nil {
		return fmt.Errorf("the snapshot of the cluster cannot be read: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.state, m.done, m.halted = s, map[string]finished{}, nil
	for _, f := range s.Done {
		m.done[f.ID] = f
	}
	return nil
}

func readSnapshot(r io.Reader) (state, error) {
	s := emptyState()
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), maxSnapshotLine)
	var header snapshotHeader
	if err := readLine(lines, &header); err != nil {
		return s, err
	}
	if err := header.check(); err != nil {
		return s, err
	}
	s.Applied, s.Revision, s.Commands, s.Imported = header.Applied, header.Revision, header.Commands, header.Imported
	s.Authorities, s.Done = header.Authorities, header.Done
	maps.Copy(s.Members, header.Members)
	maps.Copy(s.Tokens, header.Tokens)
	for range header.Endpoints {
		var e registry.Endpoint
		if err := readLine(lines, &e); err != nil {
			return s, err
		}
		if err := e.Check(); err != nil {
			return s, err
		}
		s.Endpoints[e.Name] = e
	}
	if lines.Scan() {
		return s, errors.New("it is longer than its header says")
	}
	return s, lines.Err()
}

func readLine(lines *bufio.Scanner, v any) error {
	if !lines.Scan() {
		if err := lines.Err(); err != nil {
			return err
		}
		return io.ErrUnexpectedEOF
	}
	return json.Unmarshal(lines.Bytes(), v)
}

// check returns an error if this build cannot have written the header.
func (h snapshotHeader) check() error {
	switch {
	case h.Format != snapshotFormat:
		return fmt.Errorf("%w: the snapshot has format %d, this build reads format %d", ErrHalted, h.Format, snapshotFormat)
	case h.Commands > CommandVersion:
		return &versionError{h.Commands}
	case h.Endpoints < 0 || h.Endpoints > maxSnapshotEndpoints || len(h.Done) > maxDone || len(h.Tokens) > maxTokens:
		return errors.New("its header exceeds a limit")
	}
	for id, m := range h.Members {
		if m.ID != id {
			return errors.New("a member has the wrong id")
		}
		if err := m.check(); err != nil {
			return err
		}
	}
	for _, t := range h.Tokens {
		if err := t.check(); err != nil {
			return err
		}
	}
	for _, a := range h.Authorities {
		if err := a.check(); err != nil {
			return err
		}
	}
	return nil
}
