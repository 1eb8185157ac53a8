package settings

import (
	"fmt"
	"strconv"
)

// The memory of the program itself in MiB, with its guests but without scripts, models and
// requests.
const (
	coreProgramMB = 200
	fullProgramMB = 480
)

// idleSlotMB is the memory in MiB that an idle slot of the interpreter keeps beside each script or
// model that runs, in addition to the pages that it shares with it.
const idleSlotMB = 24

// minFullHostMB is the least memory of a host in MiB for which the full guest is used by default.
// Compiling it takes the most.
const minFullHostMB = 1536

// The least values in MiB of the defaults that depend on the memory of the host.
const (
	minCellMB      = 128
	usefulCellMB   = 192 // with less, fewer scripts run at once
	minPasswordMB  = 128 // for an argon2id hash of 64 MiB
	minTemplatesMB = 16
	minBufferMB    = 32
	minOutputMB    = 16
)

// MemorySumMB returns the memory in MiB that the server uses at most: for the program, scripts,
// loaded models, requests and the checking of passwords.
func (s Settings) MemorySumMB() int {
	return s.programMB() + s.scriptsMB() + s.Models.TemplatesMB + s.Request.BufferMB
}

// scriptsMB returns the memory of all scripts that run at once.
func (s Settings) scriptsMB() int { return s.Cells.Concurrency * s.scriptMB() }

// scriptMB returns the memory of one script.
func (s Settings) scriptMB() int { return s.Cells.MemoryMB + idleSlotMB }

// HasReserve reports whether a host with the given memory in MiB, or 0 if it is unknown, can hold one
// more script than Cells.Concurrency: that of a client that has none while another client has all.
func (s Settings) HasReserve(hostMB int) bool {
	return hostMB == 0 || s.MemorySumMB()+s.scriptMB() <= hostMB
}

// WaitingMB returns the memory in MiB that scripts may hold together while they wait for the network
// and others run, on a host with the given memory, or 0 if it is unknown. Without room on the host,
// it is a quarter of the memory of one script.
func (s Settings) WaitingMB(hostMB int) int {
	if hostMB == 0 {
		return s.Cells.MemoryMB
	}
	return min(max(s.Cells.MemoryMB/4, hostMB-s.MemorySumMB()), 4*s.Cells.MemoryMB)
}

// programMB returns the memory of the program and its guests, and that for passwords.
func (s Settings) programMB() int {
	program := fullProgramMB
	if s.Cells.Guest == "core" {
		program = coreProgramMB
	}
	if s.Auth.PasswordFile != "" {
		program += s.Auth.MemoryMB
	}
	return program
}

// resolveMemory sets the limits that depend on other settings and on the memory of the host, unless
// they are given. Scripts get five eighths of the memory that the program leaves, requests a
// quarter, and loaded models an eighth. A response may take a third of the memory for requests,
// less than the share of one client, because building it takes up to twice its size.
func (l *loader) resolveMemory(s *Settings) {
	if !l.isSet("request.buffer") {
		s.Request.BufferMB = max(8*s.Request.MaxMB, 2*s.Cells.OutputMB)
	}
	if l.src.HostMemoryMB > 0 {
		l.fitHost(s, l.src.HostMemoryMB)
	}
	l.resolveFlight(s)
}

// resolveFlight sets the limits of the tables, unless they are given.
func (l *loader) resolveFlight(s *Settings) {
	if !l.isSet("flight.tables") {
		s.Flight.TablesMB = max(1, s.Request.BufferMB/2)
	}
	if !l.isSet("flight.table") {
		s.Flight.TableMB = max(1, min(s.Cells.OutputMB, s.Flight.share()))
	}
}

// share returns the part of the tables in MiB that one client can use.
func (f Flight) share() int { return f.TablesMB * 2 / 3 }

// fitHost lowers the limits that are not given to the memory of the host.
func (l *loader) fitHost(s *Settings, host int) {
	if !l.isSet("cells.guest") && host < minFullHostMB {
		s.Cells.Guest = "core"
	}
	l.shrink("auth.memory", &s.Auth.MemoryMB, host/8, minPasswordMB)
	rest := max(0, host-host/20-s.programMB())
	cell := usefulCellMB
	if l.isSet("cells.memory") {
		cell = s.Cells.MemoryMB
	}
	l.shrink("cells.concurrency", &s.Cells.Concurrency, rest*5/8/(cell+idleSlotMB), 1)
	l.shrink("cells.memory", &s.Cells.MemoryMB, rest*5/8/s.Cells.Concurrency-idleSlotMB, minCellMB)
	left := min(rest*3/8, rest-s.scriptsMB())
	l.shrink("models.templates", &s.Models.TemplatesMB, left/3, minTemplatesMB)
	l.shrink("request.buffer", &s.Request.BufferMB, left*2/3, minBufferMB)
	l.shrink("cells.output", &s.Cells.OutputMB, s.Request.BufferMB/3, minOutputMB)
}

// shrink lowers a default to the given value, but not below the least one.
func (l *loader) shrink(path string, value *int, to, least int) {
	if !l.isSet(path) {
		*value = min(*value, max(to, least))
	}
}

// checkHostMemory warns if the host cannot hold the limits.
func (l *loader) checkHostMemory(s Settings) {
	sum, host := s.MemorySumMB(), l.src.HostMemoryMB
	if host == 0 || sum <= host {
		return
	}
	l.warn(Problem{
		Name: "TABCELL_MEMORY_LIMIT_MB", Value: strconv.Itoa(s.Cells.MemoryMB), Origin: l.origins["cells.memory"],
		Text: fmt.Sprintf("the server may use %d MiB (%s), but this host or its control group has %d MiB; lower this limit, "+
			"TABCELL_CONCURRENCY, TABCELL_MODELS_TEMPLATES_MB or TABCELL_BUFFER_MB", sum, s.MemoryText(), host),
	})
}

// MemoryText returns the parts of MemorySumMB.
func (s Settings) MemoryText() string {
	return fmt.Sprintf("scripts %d x %d, models %d, requests %d, the program %d",
		s.Cells.Concurrency, s.scriptMB(), s.Models.TemplatesMB, s.Request.BufferMB, s.programMB())
}
