// Package confine makes the process give up the rights that it does not need after its start, for
// the case that code takes over the process in spite of the cells.
//
// The wall goes up in two stages. Build limits files, connections and system calls as soon as the
// server has opened its files and its port, before the first script runs. Seal follows when the
// code of all guests is mapped: from then on no memory becomes executable, and the compiled code of
// later starts cannot be changed. Nothing takes a wall down again.
//
// On Linux, Landlock limits the files and TCP ports, and a seccomp filter the system calls. Other
// systems have no wall.
package confine

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The values of the setting TABCELL_CONFINE.
const (
	Auto    = "auto"    // build the wall as far as the system allows it
	Require = "require" // refuse to start without a complete wall
	Off     = "off"     // keep all rights
)

// Plan lists the rights that remain. Everything else is forbidden. Paths that do not exist are
// ignored.
type Plan struct {
	Read  []string // files, and folders with all that they contain
	Write []string // folders whose content is read, changed, created and removed
	// Prepare has folders whose content is changed until Seal, and only read afterwards.
	Prepare []string
	Logs    []string // folders in which log files are created, written and renamed
	Connect []uint16 // TCP ports of other hosts
	// Sockets permits new sockets. Without it, the process only uses those that it has.
	Sockets bool
	// NeedPorts makes the part Ports a required one, because untrusted code chooses the connections.
	NeedPorts bool
}

// Part is one of the protections that form the wall.
type Part string

// The parts of a wall. Each is also the value of a label in the metrics.
const (
	Files       Part = "files"        // only the files of the plan
	Ports       Part = "ports"        // only the TCP ports of the plan
	SystemCalls Part = "system_calls" // only those that a running server makes
	Privileges  Part = "privileges"   // no capabilities
	Dumps       Part = "dumps"        // no core dumps, and no access by debuggers
	Code        Part = "code"         // no new executable memory
)

// Parts lists all parts in the order of reports.
var Parts = []Part{Files, Ports, SystemCalls, Privileges, Dumps, Code}

// required has the parts without which a wall is not complete. TCP ports are not among them,
// because the filter of system calls already forbids new sockets in most configurations.
var required = []Part{Files, SystemCalls}

// State describes a wall.
type State struct {
	Up      map[Part]bool
	Reasons map[Part]string // why a part is missing or weaker than it could be
}

func newState() State { return State{Up: map[Part]bool{}, Reasons: map[Part]string{}} }

// set records the outcome of a part.
func (s State) set(part Part, err error) {
	s.Up[part] = err == nil
	delete(s.Reasons, part)
	if err != nil {
		s.Reasons[part] = err.Error()
	}
}

// List returns the names of the parts that are up, separated by commas.
func (s State) List() string {
	var names []string
	for _, part := range Parts {
		if s.Up[part] {
			names = append(names, string(part))
		}
	}
	return strings.Join(names, ", ")
}

// Missing returns the parts that are not up, each with the reason, or "" if there are none.
func (s State) Missing() string {
	var reasons []string
	for _, part := range Parts {
		if !s.Up[part] {
			reasons = append(reasons, fmt.Sprintf("%s: %s", part, s.Reasons[part]))
		}
	}
	return strings.Join(reasons, "; ")
}

// Complete reports whether all parts are up without which the mode Require refuses to start.
func (s State) Complete() bool { return s.check(false) == nil }

// check returns an error if a required part is missing. ports states that Ports is required, too.
func (s State) check(ports bool) error {
	parts := required
	if ports {
		parts = append(slices.Clone(required), Ports)
	}
	for _, part := range parts {
		if !s.Up[part] {
			return fmt.Errorf("TABCELL_CONFINE is %s, but this system cannot confine the server (%s: %s); set it to %s to start nevertheless",
				Require, part, s.Reasons[part], Auto)
		}
	}
	return nil
}

var (
	errOff      = errors.New("TABCELL_CONFINE is off")
	errUnsealed = errors.New("the code of the guests is not mapped yet")
)
