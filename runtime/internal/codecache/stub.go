package codecache

import (
	"errors"
	"os"
	"slices"
	"strings"

	"tabcell/runtime/internal/snapshot"
	"tabcell/runtime/internal/wasmbin"
	"tabcell/runtime/osfile"

	"github.com/rs/zerolog"
	"github.com/tetratelabs/wazero"
)

// wazero stores compiled code under the digest of the whole module, and decodes and validates all
// 30 MB of the module before it looks for the code: that is half the time of a warm start. So the
// compiled code is moved to where wazero looks for the code of the module's stub
// (wasmbin.StubModule), which has 0.3 MB.
//
// A mark, a file named after the digest of the stub, has the name of the file with the code. If
// wazero does not accept that file, because the code is for another processor, it compiles the
// stub, all of whose functions trap. The new file that it leaves shows that this has happened.

const markPrefix = "standin-"

func isMark(name string) bool { return strings.HasPrefix(name, markPrefix) }

func markOf(stub []byte) string { return markPrefix + osfile.Digest(stub) }

// hasCodeFor reports whether code is a stub whose compiled code is in the folder.
func (c *Cache) hasCodeFor(code []byte) bool {
	mark := markOf(code)
	if !c.isVerified(mark) {
		return false
	}
	file, err := os.ReadFile(c.path(mark))
	return err == nil && c.isVerified(string(file))
}

// Compiled returns the compiled code of a module, which may be a stub: from the cache, or by
// calling compile and storing the result. load is called for stubs only. It returns nil without an
// error if the module is a stub for which the cache has no code that this processor can run.
func (c *Cache) Compiled(code []byte, compile, load snapshot.Compile) (wazero.CompiledModule, error) {
	if c.wazero == nil {
		return compile(code)
	}
	if c.hasCodeFor(code) {
		c.used.Store(true)
		return c.load(code, load)
	}
	stub, err := wasmbin.StubModule(code)
	if err != nil {
		return nil, err
	}
	if c.hasCodeFor(stub) {
		if m, err := c.load(stub, load); m != nil || err != nil {
			c.used.Store(true)
			return m, err
		}
	}
	if c.bundle {
		return compile(code)
	}
	return c.compileAndStore(code, stub, compile, load)
}

// load returns the compiled code that is stored for a stub, or nil if wazero did not accept it.
func (c *Cache) load(stub []byte, load snapshot.Compile) (wazero.CompiledModule, error) {
	m, added, err := c.compileAndList(stub, load)
	if err != nil || len(added) == 0 {
		return m, err
	}
	for _, name := range added { // the code of the stub itself
		if err := os.Remove(c.path(name)); err != nil {
			return nil, errors.Join(err, m.Close(c.ctx))
		}
	}
	return nil, m.Close(c.ctx)
}

// compileAndStore compiles the module and moves the new file to where wazero looks for the code of
// the stub. An error with files only makes the next start slow, so it is logged.
func (c *Cache) compileAndStore(code, stub []byte, compile, load snapshot.Compile) (wazero.CompiledModule, error) {
	m, added, err := c.compileAndList(code, compile)
	if err != nil || len(added) == 0 {
		return m, err
	}
	if err := c.moveToStub(added[len(added)-1], stub, load); err != nil {
		zerolog.Ctx(c.ctx).Warn().Err(err).
			Msg("compiled code could not be stored for fast loading; the next start is slower")
		return m, nil
	}
	if mapped := c.mapStored(stub, load); mapped != nil {
		return mapped, m.Close(c.ctx)
	}
	return m, nil
}

// mapStored returns the code that this start has just stored for a stub, mapped from its file, so
// that the compiled copy in memory can be freed. It returns nil if the code cannot be mapped.
func (c *Cache) mapStored(stub []byte, load snapshot.Compile) wazero.CompiledModule {
	name, err := os.ReadFile(c.path(markOf(stub)))
	if err != nil || !c.maps {
		return nil
	}
	f, err := openCodeFile(c.path(string(name)))
	if err != nil {
		return nil
	}
	if f.unprotected != nil {
		_ = f.Close() // was only read
		return nil
	}
	f.stored = true
	c.keepCode(string(name), f)
	m, err := c.load(stub, load)
	if err != nil {
		return nil // the compiled copy is as good
	}
	return m
}

// moveToStub compiles the stub to learn the name of its file, and replaces that file with the one
// that has the module's code. It does nothing if no file was added, as when the code of the stub is
// in the folder already.
func (c *Cache) moveToStub(file string, stub []byte, load snapshot.Compile) error {
	m, added, err := c.compileAndList(stub, load)
	if err != nil {
		return err
	}
	if err := m.Close(c.ctx); err != nil || len(added) == 0 {
		return err
	}
	target := added[len(added)-1]
	if err := os.Rename(c.path(file), c.path(target)); err != nil {
		return errors.Join(err, os.Remove(c.path(target)))
	}
	return c.replace(markOf(stub), []byte(target))
}

// compileAndList compiles a module and lists the files that this has added to the folder.
func (c *Cache) compileAndList(code []byte, compile snapshot.Compile) (wazero.CompiledModule, []string, error) {
	before, err := c.files()
	if err != nil {
		return nil, nil, err
	}
	m, err := compile(code)
	if err != nil {
		return nil, nil, err
	}
	after, err := c.files()
	if err != nil {
		return nil, nil, errors.Join(err, m.Close(c.ctx))
	}
	added := slices.DeleteFunc(after, func(name string) bool { return slices.Contains(before, name) })
	return m, added, nil
}
