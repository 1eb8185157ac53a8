// Package engineid identifies the WebAssembly engine of the program: the version of wazero, and the
// patches on it if cmd/dist built the program.
package engineid

import (
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/tetratelabs/wazero"
)

const module = "github.com/tetratelabs/wazero"

// Patches returns the digest of wazero's patches, which is hexadecimal, or "" if wazero is the
// released one. The digest is a constant of the patched files, so that a program without them
// cannot have it.
var Patches = sync.OnceValue(func() string {
	if patched, ok := wazero.NewRuntimeConfig().(interface{ PatchDigest() string }); ok {
		return patched.PatchDigest()
	}
	return ""
})

// Version returns the version of wazero, or "" if it is unknown, as in a test program.
var Version = sync.OnceValue(func() string {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, m := range build.Deps {
		if m.Path == module {
			return m.Version
		}
	}
	return ""
})

// Name returns the name of the engine, such as "wazero v1.12.0 (stock)" or
// "wazero v1.12.0, patched 0123456789ab".
func Name() string { return name(Version(), Patches()) }

func name(version, patches string) string {
	text := "wazero"
	if version != "" {
		text += " " + version
	}
	if patches == "" {
		return text + " (stock)"
	}
	return fmt.Sprintf("%s, patched %.12s", text, patches)
}
