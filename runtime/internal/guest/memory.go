package guest

import (
	"encoding/binary"

	"github.com/tetratelabs/wazero/api"
)

// Memory gives host functions access to a guest's linear memory. Every pointer and every length
// comes from a script, so that every access is checked against the bounds of the memory.
type Memory struct{ mem api.Memory }

// MemoryOf returns the memory of an instance. If the instance has none, every access fails.
func MemoryOf(m api.Module) Memory { return Memory{m.Memory()} }

// Size returns the size of the memory in bytes.
func (m Memory) Size() uint64 {
	if m.mem == nil {
		return 0
	}
	return uint64(m.mem.Size())
}

// View returns the n bytes at p, or false if they are not all inside the memory. The slice is valid
// until the host function returns.
func (m Memory) View(p, n uint32) ([]byte, bool) {
	if m.mem == nil {
		return nil, false
	}
	return m.mem.Read(p, n)
}

// Copy returns a copy of the n bytes at p, or false if they are not all inside the memory.
func (m Memory) Copy(p, n uint32) ([]byte, bool) {
	v, ok := m.View(p, n)
	if !ok {
		return nil, false
	}
	return append([]byte(nil), v...), true
}

// Put writes b at p. If b does not fit into the memory, it writes nothing and returns false.
func (m Memory) Put(p uint32, b []byte) bool {
	v, ok := m.View(p, uint32(len(b)))
	return ok && copy(v, b) == len(b)
}

// Uint32 returns the little-endian 32-bit integer at p, or false if it is not inside the memory.
func (m Memory) Uint32(p uint32) (uint32, bool) {
	v, ok := m.View(p, 4)
	if !ok {
		return 0, false
	}
	return binary.LittleEndian.Uint32(v), true
}

// Uint64 returns the little-endian 64-bit integer at p, or false if it is not inside the memory.
func (m Memory) Uint64(p uint32) (uint64, bool) {
	v, ok := m.View(p, 8)
	if !ok {
		return 0, false
	}
	return binary.LittleEndian.Uint64(v), true
}

// PutUint32 writes v at p as a little-endian integer. It returns false if it does not fit.
func (m Memory) PutUint32(p, v uint32) bool {
	return m.Put(p, binary.LittleEndian.AppendUint32(nil, v))
}

// PutUint64 writes v at p as a little-endian integer. It returns false if it does not fit.
func (m Memory) PutUint64(p uint32, v uint64) bool {
	return m.Put(p, binary.LittleEndian.AppendUint64(nil, v))
}
