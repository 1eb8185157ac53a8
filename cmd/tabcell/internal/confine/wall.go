package confine

import (
	"maps"
	"path/filepath"
	"slices"
	"sync"
)

// Wall is the confinement of this process. It is safe for concurrent use.
type Wall struct {
	mode string
	plan Plan

	mu    sync.Mutex
	state State // guarded by mu
}

// Build confines the process to the plan, except that memory can still become executable. If mode
// is Require, it returns an error unless all required parts are up. If mode is Off, it does
// nothing.
func Build(mode string, plan Plan) (*Wall, error) {
	w := &Wall{mode: mode, plan: plan, state: newState()}
	if mode == Off {
		for _, part := range Parts {
			w.state.set(part, errOff)
		}
		return w, nil
	}
	if mode == Require { // before anything is given up
		if err := Support().check(plan.NeedPorts); err != nil {
			return nil, err
		}
	}
	build(plan, w.state)
	w.state.set(Code, errUnsealed)
	if mode == Require {
		return w, w.state.check(plan.NeedPorts)
	}
	return w, nil
}

// Seal completes the wall: no more memory can become executable, and the folders of Plan.Prepare
// can only be read. If the mode is Require, it returns an error if that fails. It does nothing if
// the mode is Off.
func (w *Wall) Seal() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.mode == Off {
		return nil
	}
	err := seal(w.plan, w.state)
	if w.mode == Require {
		return err
	}
	return nil
}

// State returns the present state. If w is nil, no part is up.
func (w *Wall) State() State {
	if w == nil {
		return newState()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return State{Up: maps.Clone(w.state.Up), Reasons: maps.Clone(w.state.Reasons)}
}

// Protects reports whether the process cannot write to a folder of Plan.Prepare after Seal.
func (w *Wall) Protects(folder string) bool {
	if !w.State().Up[Files] {
		return false
	}
	for _, open := range slices.Concat(w.plan.Write, w.plan.Logs) {
		if open != "" && contains(open, folder) {
			return false
		}
	}
	return true
}

// Reads reports whether the process may read a folder of the plan, or below it.
func (w *Wall) Reads(folder string) bool {
	if !w.State().Up[Files] {
		return true
	}
	return slices.ContainsFunc(slices.Concat(w.plan.Read, w.plan.Write), func(open string) bool { return open != "" && contains(open, folder) })
}

// Connects reports whether the process may connect to a TCP port.
func (w *Wall) Connects(port uint16) bool {
	up := w.State().Up
	return (!up[SystemCalls] || w.plan.Sockets) && (!up[Ports] || slices.Contains(w.plan.Connect, port))
}

// contains reports whether path is in a folder or is the folder, after links were followed.
func contains(folder, path string) bool {
	below, err := filepath.Rel(resolve(folder), resolve(path))
	return err != nil || filepath.IsLocal(below)
}

// resolve returns the absolute path without links, if it exists.
func resolve(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		path = full
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	return path
}
