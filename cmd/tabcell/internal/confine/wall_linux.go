//go:build linux && (amd64 || arm64)

package confine

import (
	"errors"
	"fmt"
)

// Support returns the parts that this system can provide. The process keeps its rights.
func Support() State {
	s := newState()
	abi, err := LandlockABI()
	s.set(Files, err)
	s.set(Ports, portsError(abi, err))
	s.set(SystemCalls, FilterSupported())
	for _, part := range []Part{Privileges, Dumps, Code} {
		s.set(part, nil)
	}
	s.set(Code, FilterSupported())
	return s
}

// build is the first stage of a wall on Linux. It records the outcome of each part in state.
func build(plan Plan, state State) {
	support := Support()
	state.set(Privileges, dropCapabilities(plan))
	state.set(Dumps, forbidCoreFiles())
	err := restrictAccess(plan, false)
	state.set(Files, err)
	if err == nil && !support.Up[Ports] {
		err = errors.New(support.Reasons[Ports])
	}
	state.set(Ports, err)
	state.set(SystemCalls, installFilters(buildFilters(plan)))
}

// seal is the second stage. Debuggers are locked out only now, because the files in /proc/self that
// the start opens belong to root afterwards.
func seal(plan Plan, state State) error {
	state.set(Dumps, forbidDumps())
	if state.Up[Files] && len(plan.Prepare) > 0 {
		if err := restrictAccess(plan, true); err != nil {
			err = fmt.Errorf("the compiled code cannot be made read-only: %w", err)
			state.set(Code, err)
			return err
		}
	}
	err := errors.New(state.Reasons[SystemCalls])
	if state.Up[SystemCalls] {
		err = installFilters(sealFilters())
	}
	state.set(Code, err)
	return err
}
