package codecache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"slices"
	"strings"

	"tabcell/runtime/internal/snapshot"
	"tabcell/runtime/internal/wasmbin"

	"github.com/rs/zerolog"
	"github.com/tetratelabs/wazero"
)

// wazero keeps compiled code under the digest of the whole module, and decodes and validates all 30 MB of that before it looks: half the time of a warm
// start. So the code is put where it looks for the module's stand-in (wasmbin.StubModule), which is 0.3 MB. A mark of the stand-in says in which
// file the code is. Where wazero does not take that file, for its code is for another processor, it compiles the stand-in, whose every function
// traps: the new file gives it away.

const standInPrefix = "standin-"

func markOf(standIn []byte) string {
	digest := sha256.Sum256(standIn)
	return standInPrefix + hex.EncodeToString(digest[:])
}

// standsIn tells whether code is a stand-in, or has one, whose compiled code is there.
func (c *codeCache) standsIn(code []byte) bool {
	mark := markOf(code)
	if c.known[mark] == "" {
		return false
	}
	file, err := os.ReadFile(c.path(mark))
	return err == nil && c.known[string(file)] != ""
}

// compiled is the module's compiled code: what is kept for its stand-in (fetched), or made anew and kept. code may be a stand-in itself; nil without
// an error means that then nothing fitting is kept.
func (c *codeCache) compiled(ctx context.Context, code []byte, compile snapshot.Compile) (m wazero.CompiledModule, fetched bool, err error) {
	if c.cache == nil {
		m, err = compile(code)
		return m, false, err
	}
	if c.standsIn(code) {
		m, err = c.fetch(ctx, code, compile)
		return m, true, err
	}
	standIn, err := wasmbin.StubModule(code)
	if err != nil {
		return nil, false, err
	}
	if c.standsIn(standIn) {
		if m, err = c.fetch(ctx, standIn, compile); m != nil || err != nil {
			return m, true, err
		}
	}
	if c.shipped {
		m, err = compile(code)
	} else {
		m, err = c.make(ctx, code, standIn, compile)
	}
	return m, false, err
}

// fetch loads what is kept for a stand-in; nil when wazero did not take it.
func (c *codeCache) fetch(ctx context.Context, standIn []byte, compile snapshot.Compile) (wazero.CompiledModule, error) {
	before, err := c.files()
	if err != nil {
		return nil, err
	}
	m, err := compile(standIn)
	if err != nil {
		return nil, err
	}
	after, err := c.files()
	if err != nil {
		return nil, errors.Join(err, m.Close(ctx))
	}
	if slices.Equal(after, before) {
		return m, nil
	}
	return nil, c.undo(ctx, m, before, after)
}

// undo removes what was made of a stand-in.
func (c *codeCache) undo(ctx context.Context, m wazero.CompiledModule, before, after []string) error {
	for _, name := range after {
		if !slices.Contains(before, name) {
			if err := os.Remove(c.path(name)); err != nil {
				return err
			}
		}
	}
	return m.Close(ctx)
}

// make compiles the module, and puts the file that comes of it in the place of its stand-in's. An engine that keeps no files makes none. What goes
// wrong with files only makes the next start a slow one.
func (c *codeCache) make(ctx context.Context, code, standIn []byte, compile snapshot.Compile) (wazero.CompiledModule, error) {
	from, m, err := c.noticing(code, compile)
	if err != nil || from == "" {
		return m, err
	}
	to, other, err := c.noticing(standIn, compile)
	if err == nil {
		err = other.Close(ctx)
	}
	if err == nil && to != "" {
		if err = os.Rename(c.path(from), c.path(to)); err != nil {
			err = errors.Join(err, os.Remove(c.path(to)))
		} else {
			err = replaceFile(c.path(markOf(standIn)), []byte(to))
		}
	}
	if err != nil {
		zerolog.Ctx(ctx).Warn().Err(err).Msg("compiled code could not be put where the next start finds it at once")
	}
	return m, nil
}

// noticing compiles, and names the file that came of it; "" when none did.
func (c *codeCache) noticing(code []byte, compile snapshot.Compile) (file string, m wazero.CompiledModule, err error) {
	before, err := c.files()
	if err != nil {
		return "", nil, err
	}
	if m, err = compile(code); err != nil {
		return "", nil, err
	}
	after, err := c.files()
	for _, name := range after {
		if !slices.Contains(before, name) {
			file = name
		}
	}
	return file, m, err
}

func isMark(name string) bool { return strings.HasPrefix(name, standInPrefix) }
