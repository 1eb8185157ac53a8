package guest

import (
	"encoding/binary"

	"github.com/tetratelabs/wazero/api"
)

// Memory is a guest's linear memory as host functions meet it: every pointer and length comes from a script and is checked here.
// Views end with the host function that made them; what is kept is copied.
type Memory struct{ mem api.Memory }

// MemoryOf is the memory of the instance that calls; an instance without one has an empty memory.
func MemoryOf(m api.Module) Memory { return Memory{m.Memory()} }

// View is the n bytes at p, or false when they are not all inside the memory.
func (m Memory) View(p, n uint32) ([]byte, bool) {
	if m.mem == nil {
		return nil, false
	}
	return m.mem.Read(p, n)
}

// Copy is View's bytes, copied.
func (m Memory) Copy(p, n uint32) ([]byte, bool) {
	v, ok := m.View(p, n)
	if !ok {
		return nil, false
	}
	return append([]byte(nil), v...), true
}

// Put writes b at p, or nothing at all when it does not fit.
func (m Memory) Put(p uint32, b []byte) bool {
	v, ok := m.View(p, uint32(len(b)))
	return ok && copy(v, b) == len(b)
}

// Uint32 reads a little-endian word.
func (m Memory) Uint32(p uint32) (uint32, bool) {
	v, ok := m.View(p, 4)
	if !ok {
		return 0, false
	}
	return binary.LittleEndian.Uint32(v), true
}

// Uint64 reads a little-endian double word.
func (m Memory) Uint64(p uint32) (uint64, bool) {
	v, ok := m.View(p, 8)
	if !ok {
		return 0, false
	}
	return binary.LittleEndian.Uint64(v), true
}

// PutUint32 writes a little-endian word.
func (m Memory) PutUint32(p, v uint32) bool {
	return m.Put(p, binary.LittleEndian.AppendUint32(nil, v))
}

// PutUint64 writes a little-endian double word.
func (m Memory) PutUint64(p uint32, v uint64) bool {
	return m.Put(p, binary.LittleEndian.AppendUint64(nil, v))
}
