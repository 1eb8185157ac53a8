// Package hostmem finds the memory that this process may use: that of the host, or less if a
// control group of Linux limits it, as in a container or a systemd unit with MemoryMax.
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

// Available returns the memory that this process may use. It is unknown on systems other than
// Linux.
func Available() Memory { return available(os.DirFS("/")) }

// available reads the files of Linux in the root folder.
func available(root fs.FS) Memory {
	return lowerMemory(hostMemory(root, "MemTotal:"), groupMemory(root, limitOf))
}

// Free returns the memory that this process may still take, without making others lose what they
// use. It is unknown on systems other than Linux.
func Free() Memory { return free(os.DirFS("/")) }

// free reads the files of Linux in the root folder.
func free(root fs.FS) Memory {
	return lowerMemory(hostMemory(root, "MemAvailable:"), groupMemory(root, freeOf))
}

// Resident returns the resident memory of this process in bytes, or 0 on systems other than Linux.
func Resident() uint64 { return resident(os.DirFS("/")) }

// resident reads the file of Linux in the root folder.
func resident(root fs.FS) uint64 {
	text, _ := fs.ReadFile(root, "proc/self/statm")
	fields := strings.Fields(string(text)) // in pages: size, resident and others
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseUint(fields[1], 10, 64)
	return pages * uint64(os.Getpagesize())
}

func lowerMemory(host, group uint64) Memory {
	if group > 0 && (host == 0 || group < host) {
		return Memory{group, "the control group"}
	}
	return Memory{host, "the host"}
}

// hostMemory returns a value of meminfo in bytes, or 0.
func hostMemory(root fs.FS, name string) uint64 {
	text, _ := fs.ReadFile(root, "proc/meminfo")
	return field(text, name) << 10 // KiB
}

// field returns the number after a name at the beginning of a line, or 0.
func field(text []byte, name string) uint64 {
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == name {
			n, _ := strconv.ParseUint(fields[1], 10, 64)
			return n
		}
	}
	return 0
}

// files has the names of a control group's files in one of the versions.
type files struct{ limit, used, inactive string }

var (
	version1 = files{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"}
	version2 = files{"memory.max", "memory.current", "inactive_file"}
)

// groupMemory returns the lowest figure of the control groups that this process is in, or 0. Their
// files are those of version 1 or 2 (man 7 cgroups); a host may have both.
func groupMemory(root fs.FS, figure func(fs.FS, string, files) uint64) (lowest uint64) {
	text, _ := fs.ReadFile(root, "proc/self/cgroup")
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		fields := strings.SplitN(lines.Text(), ":", 3) // number, controllers, path
		if len(fields) < 3 {
			continue
		}
		folders, names := []string{"sys/fs/cgroup/memory"}, version1
		if fields[1] == "" {
			folders, names = []string{"sys/fs/cgroup", "sys/fs/cgroup/unified"}, version2
		} else if !slices.Contains(strings.Split(fields[1], ","), "memory") {
			continue
		}
		for _, folder := range folders {
			lowest = lower(lowest, lowestIn(root, folder, fields[2], func(dir string) uint64 { return figure(root, dir, names) }))
		}
	}
	return lowest
}

// lowestIn returns the lowest figure of a group and those above it, or 0. In a container, the
// path may be that of the host, of which only the end or nothing exists.
func lowestIn(root fs.FS, folder, group string, figure func(dir string) uint64) (lowest uint64) {
	for dir := path.Clean("/" + group); ; dir = path.Dir(dir) {
		lowest = lower(lowest, figure(path.Join(folder, dir)))
		if dir == "/" {
			return lowest
		}
	}
}

// limitOf returns the limit of a group, or 0 if it has none.
func limitOf(root fs.FS, dir string, names files) uint64 { return number(root, dir, names.limit) }

// freeOf returns the rest of a group's limit, at least 1, or 0 if it has no limit. Files in memory
// that were not used for a while do not count as used.
func freeOf(root fs.FS, dir string, names files) uint64 {
	limit, used := number(root, dir, names.limit), number(root, dir, names.used)
	if limit == 0 {
		return 0
	}
	text, _ := fs.ReadFile(root, path.Join(dir, "memory.stat"))
	used -= min(used, field(text, names.inactive))
	return max(1, limit-min(limit, used))
}

// number returns the number in a file: 0 for "max" and without the file.
func number(root fs.FS, dir, name string) uint64 {
	text, _ := fs.ReadFile(root, path.Join(dir, name))
	n, _ := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	return n
}

// lower returns the lower of two limits, of which 0 is none. Version 1 has a number close to
// 2^63 for no limit.
func lower(a, b uint64) uint64 {
	if a == 0 || b > 0 && b < a {
		return b
	}
	return a
}
