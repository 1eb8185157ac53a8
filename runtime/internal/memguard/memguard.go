// Package memguard gives memories guards: inaccessible addresses behind the memory, so that compiled
// code needs no bounds checks. An access out of bounds is a fault, which the engine turns into a trap.
// The patched engine can do that on linux/amd64 (engine/patches, 18 to 21).
package memguard

import (
	"sync"

	"github.com/tetratelabs/wazero"
)

// Size is the number of bytes from the start of a guarded memory that nothing else may use: every sum
// of a 32-bit address and a 32-bit offset, and the bytes of an access.
const Size = 8<<30 + 64<<10

// engine is implemented by the configuration of an engine with guards.
type engine interface {
	WithMemoryGuards() (wazero.RuntimeConfig, bool)
	AddGuardedMemory(base uintptr) error
	RemoveGuardedMemory(base uintptr)
}

// guards is the engine, or nil if it has no guards on this system.
var guards = sync.OnceValue(func() engine {
	e, ok := wazero.NewRuntimeConfigCompiler().(engine)
	if !ok {
		return nil
	}
	if _, ok := e.WithMemoryGuards(); !ok {
		return nil
	}
	return e
})

// limited is whether the process may not reserve as much address space as it likes. Guards take 8 GiB
// for each memory, which is none of the host's memory, but counts for ulimit -v.
var limited = sync.OnceValue(addressSpaceLimited)

// Supported reports whether memories have guards in this process.
func Supported() bool { return guards() != nil && !limited() }

// Limited reports whether memories have no guards only because of a limit of the address space. The
// code then has bounds checks, as on systems without guards.
func Limited() bool { return guards() != nil && limited() }

// Config returns a configuration for code without bounds checks. Without Supported it returns cfg.
func Config(cfg wazero.RuntimeConfig) wazero.RuntimeConfig {
	if Supported() {
		if guarded, ok := cfg.(engine).WithMemoryGuards(); ok {
			return guarded
		}
	}
	return cfg
}

// Add tells the engine that a guarded memory starts at an address. All Size bytes from there on must be
// inaccessible, except for those of the memory. It must be called only with Supported.
func Add(base uintptr) error { return guards().AddGuardedMemory(base) }

// Remove undoes Add.
func Remove(base uintptr) { guards().RemoveGuardedMemory(base) }
