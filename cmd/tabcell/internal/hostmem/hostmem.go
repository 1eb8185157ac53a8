// Package hostmem finds the memory that this process may use: that of the host, or less if a control
// group of Linux limits it, as in a container or a systemd unit with MemoryMax.
package hostmem

import (
	"bufio"
	"bytes"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Memory is an amount of memory.
type Memory struct {
	Bytes  uint64 // 0 if it is unknown
	Source string // where the limit comes from: "the host" or "the control group"
}

// MB returns the amount in MiB.
func (m Memory) MB() int { return int(m.Bytes >> 20) }

// Available returns the memory that this process may use. It is unknown on systems other than Linux.
func Available() Memory { return available(os.DirFS("/")) }

// available reads the files of Linux in the root folder.
func available(root fs.FS) Memory {
	m := Memory{hostMemory(root), "the host"}
	if limit := groupLimit(root); limit > 0 && (m.Bytes == 0 || limit < m.Bytes) {
		m = Memory{limit, "the control group"}
	}
	return m
}

// hostMemory returns the memory of the host in bytes, or 0.
func hostMemory(root fs.FS) uint64 {
	text, _ := fs.ReadFile(root, "proc/meminfo")
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "MemTotal:" {
			kib, _ := strconv.ParseUint(fields[1], 10, 64)
			return kib << 10
		}
	}
	return 0
}

// groupLimit returns the lowest memory limit of the control groups that this process is in, or 0.
// Their files are those of version 1 or 2 (man 7 cgroups); a host may have both.
func groupLimit(root fs.FS) (lowest uint64) {
	text, _ := fs.ReadFile(root, "proc/self/cgroup")
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		fields := strings.SplitN(lines.Text(), ":", 3) // number, controllers, path
		if len(fields) < 3 {
			continue
		}
		folders, file := []string{"sys/fs/cgroup/memory"}, "memory.limit_in_bytes"
		if fields[1] == "" { // version 2
			folders, file = []string{"sys/fs/cgroup", "sys/fs/cgroup/unified"}, "memory.max"
		} else if !slices.Contains(strings.Split(fields[1], ","), "memory") {
			continue
		}
		for _, folder := range folders {
			lowest = lower(lowest, lowestIn(root, folder, fields[2], file))
		}
	}
	return lowest
}

// lowestIn returns the lowest limit of a group and those above it, or 0. In a container, the path may
// be that of the host, of which only the end or nothing exists.
func lowestIn(root fs.FS, folder, group, file string) (lowest uint64) {
	for dir := path.Clean("/" + group); ; dir = path.Dir(dir) {
		text, _ := fs.ReadFile(root, path.Join(folder, dir, file))
		limit, _ := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64) // 0 for "max" and without the file
		lowest = lower(lowest, limit)
		if dir == "/" {
			return lowest
		}
	}
}

// lower returns the lower of two limits, of which 0 is none. Version 1 has a number close to 2^63 for
// no limit.
func lower(a, b uint64) uint64 {
	if a == 0 || b > 0 && b < a {
		return b
	}
	return a
}
