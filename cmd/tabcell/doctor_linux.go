package main

import (
	"fmt"
	"os"

	"tabcell/settings"

	"golang.org/x/sys/unix"
)

func checkSystem(s settings.Settings) []finding {
	return []finding{checkSharedImages(), checkPageMap(), checkFiles(), checkMemory(s)}
}

// checkSharedImages: cells share one image through a memory file; without it each has its own copy.
func checkSharedImages() finding {
	const about = "shared images"
	fd, err := unix.MemfdCreate("doctor", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return finding{poor, about, "memfd_create: " + err.Error() + ": each cell copies the image", "allow memfd_create in the container's seccomp profile"}
	}
	unix.Close(fd)
	return finding{verdict: fine, about: about, said: "memory files work"}
}

// checkPageMap: the pages that a script wrote are found there.
func checkPageMap() finding {
	const about = "written pages"
	file, err := os.Open("/proc/self/pagemap")
	if err != nil {
		return finding{poor, about, err.Error() + ": each cell copies the image", "mount /proc"}
	}
	file.Close()
	return finding{verdict: fine, about: about, said: "/proc/self/pagemap can be read"}
}

// checkMemory compares what all cells together may take with what the machine has.
func checkMemory(s settings.Settings) finding {
	const about = "memory"
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return finding{poor, about, err.Error(), ""}
	}
	has := uint64(info.Totalram) * uint64(info.Unit) >> 20
	needs := uint64(s.Cells.Concurrency) * uint64(s.Cells.MemoryMB)
	said := fmt.Sprintf("%d MiB; %d scripts at once may take %d MiB each", has, s.Cells.Concurrency, s.Cells.MemoryMB)
	if needs > has {
		return finding{poor, about, said, "lower TABCELL_CONCURRENCY or TABCELL_MEMORY_LIMIT_MB: hostile scripts can use up the machine"}
	}
	return finding{verdict: fine, about: about, said: said}
}
