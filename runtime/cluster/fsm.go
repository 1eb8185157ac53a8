package cluster

import (
	"errors"
	"io"

	"github.com/hashicorp/raft"
)

// fsm is the replica as Raft sees it.
type fsm struct{ replica *replica }

// Apply implements raft.FSM.
func (f fsm) Apply(entry *raft.Log) any { return f.replica.apply(entry.Index, entry.Data) }

// Snapshot implements raft.FSM.
func (f fsm) Snapshot() (raft.FSMSnapshot, error) {
	s, err := f.replica.machine.capture()
	return captured{s}, err
}

// Restore implements raft.FSM.
func (f fsm) Restore(r io.ReadCloser) error {
	return errors.Join(f.replica.restore(r), r.Close())
}

// captured implements raft.FSMSnapshot.
type captured struct{ state state }

// Persist implements raft.FSMSnapshot.
func (c captured) Persist(sink raft.SnapshotSink) error {
	if err := c.state.write(sink); err != nil {
		return errors.Join(err, sink.Cancel())
	}
	return sink.Close()
}

// Release implements raft.FSMSnapshot.
func (captured) Release() {}
