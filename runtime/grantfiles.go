package runtime

import (
	"encoding/binary"

	"tabcell/runtime/internal/grant"
	"tabcell/runtime/internal/guest"
	"tabcell/runtime/internal/hostfs"
)

// hostStat(path, len, dst, cap) describes a file or folder of the host: its kind as a number of 32
// bits, 32 bits that are 0, and as numbers of 64 bits its size, the time of its last change in
// nanoseconds, and its identity.
func hostStat(c *call, m guest.Memory, args []uint32) (uint32, *grant.Error) {
	path, err := getText(m, args[0], args[1], maxHostPath)
	if err != nil || args[3] < statSize {
		return 0, errArguments
	}
	fs := c.hostFiles()
	if fs == nil {
		return 0, grant.Errorf(grant.NotFound, "no such file or folder")
	}
	info, err := fs.Stat(path)
	if err != nil {
		return 0, err
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(info.Kind))
	b = binary.LittleEndian.AppendUint32(b, 0)
	for _, v := range []uint64{info.Size, uint64(info.ModTime), info.ID} {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	if !m.Put(args[2], b) {
		return 0, errArguments
	}
	return 0, nil
}

// hostOpen(path, len) returns the handle of a file.
func hostOpen(c *call, m guest.Memory, args []uint32) (uint32, *grant.Error) {
	path, err := getText(m, args[0], args[1], maxHostPath)
	if err != nil {
		return 0, err
	}
	fs := c.hostFiles()
	if fs == nil {
		return 0, hostfs.NoGrant(path, c.owner())
	}
	handle, err := fs.Open(path)
	return uint32(handle), err
}

// hostRead(handle, dst, cap, low, high) reads bytes at the offset of which low and high are halves,
// and returns their number, 0 at the end.
func hostRead(c *call, m guest.Memory, args []uint32) (uint32, *grant.Error) {
	if c.grants.files == nil {
		return 0, grant.Errorf(grant.BadHandle, "the file is closed")
	}
	dst, ok := m.View(args[1], min(args[2], hostfs.MaxRead))
	if !ok {
		return 0, errArguments
	}
	b, err := c.grants.files.Read(int32(args[0]), uint32(len(dst)), uint64(args[3])|uint64(args[4])<<32)
	return uint32(copy(dst, b)), err
}

// hostList(path, len, dst, cap, first) writes the entries of a folder from number first on.
func hostList(c *call, m guest.Memory, args []uint32) (uint32, *grant.Error) {
	path, err := getText(m, args[0], args[1], maxHostPath)
	if err != nil || args[3] < minListSize {
		return 0, errArguments
	}
	fs := c.hostFiles()
	if fs == nil {
		return 0, hostfs.NoGrant(path, c.owner())
	}
	size := min(args[3], hostfs.MaxRead)
	if _, ok := m.View(args[2], size); !ok {
		return 0, errArguments
	}
	b, err := fs.List(path, size, args[4])
	if err != nil {
		return 0, err
	}
	return putBytes(m, b, args[2], size)
}

// hostClose(handle) closes a file.
func hostClose(c *call, _ guest.Memory, args []uint32) (uint32, *grant.Error) {
	if c.grants.files == nil {
		return 0, grant.Errorf(grant.BadHandle, "the file is closed")
	}
	return 0, c.grants.files.Close(int32(args[0]))
}
