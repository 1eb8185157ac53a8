package server

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// availableMemory returns the memory of the machine in bytes, or the limit of the process's control
// group if that is lower.
func availableMemory() uint64 {
	memory := uint64(1) << 63
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) == nil {
		memory = uint64(info.Totalram) * uint64(info.Unit)
	}
	groups, _ := os.ReadFile("/proc/self/cgroup")
	for line := range strings.Lines(string(groups)) {
		// HIERARCHY:CONTROLLERS:PATH, without controllers in version 2
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		switch {
		case len(fields) < 3:
		case fields[1] == "":
			memory = min(memory, groupLimit("/sys/fs/cgroup", fields[2], "memory.max"))
		case strings.Contains(fields[1], "memory"):
			memory = min(memory, groupLimit("/sys/fs/cgroup/memory", fields[2], "memory.limit_in_bytes"))
		}
	}
	return memory
}

// groupLimit returns the lowest limit in the files of a control group and of those that contain it.
// Files that are missing or have no number limit nothing. In a container, the path may not exist.
func groupLimit(root, path, name string) uint64 {
	limit := uint64(1) << 63
	for ; ; path = filepath.Dir(path) {
		text, err := os.ReadFile(filepath.Join(root, path, name))
		if err == nil {
			if n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64); err == nil {
				limit = min(limit, n)
			}
		}
		if path == "/" || path == "." {
			return limit
		}
	}
}
