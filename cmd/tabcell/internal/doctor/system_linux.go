package doctor

import (
	"fmt"
	"os"

	"tabcell/runtime"
	"tabcell/settings"

	"golang.org/x/sys/unix"
)

func checkSystem(s settings.Settings) []Finding {
	return []Finding{checkSharedImages(), checkPageMap(), checkMappings(runtime.MappingLimit()), checkFiles(), checkMemory(s)}
}

// usualMappings is Linux's default of vm.max_map_count. Loaded models use at most half of it.
const usualMappings = 65530

// checkMappings checks the number of memory mappings that the system allows a process.
func checkMappings(limit int) Finding {
	const subject = "memory mappings"
	text := fmt.Sprintf("at most %d (vm.max_map_count); loaded models use up to half of them", limit)
	if limit < usualMappings {
		return Finding{Warning, subject, text + ", so that fewer of them stay loaded",
			fmt.Sprintf("raise the limit: sysctl -w vm.max_map_count=%d", usualMappings)}
	}
	return Finding{OK, subject, text, ""}
}

// checkSharedImages checks that memory files are available, through which cells share one image.
// Without them, each cell has its own copy.
func checkSharedImages() Finding {
	const subject = "shared images"
	fd, err := unix.MemfdCreate("doctor", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return Finding{Warning, subject, "memfd_create: " + err.Error() + "; each cell copies the image",
			"allow memfd_create in the container's seccomp profile"}
	}
	unix.Close(fd)
	return Finding{OK, subject, "memory files are available", ""}
}

// checkPageMap checks that the page map is readable, which shows the pages that a script has
// written.
func checkPageMap() Finding {
	const subject = "written pages"
	file, err := os.Open("/proc/self/pagemap")
	if err != nil {
		return Finding{Warning, subject, err.Error() + "; each cell copies the image", "mount /proc"}
	}
	file.Close()
	return Finding{OK, subject, "/proc/self/pagemap is readable", ""}
}

// checkMemory compares the memory that all cells together may use with that of the machine.
func checkMemory(s settings.Settings) Finding {
	const subject = "memory"
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return Finding{Warning, subject, err.Error(), ""}
	}
	total := uint64(info.Totalram) * uint64(info.Unit) >> 20
	permitted := uint64(s.Cells.Concurrency) * uint64(s.Cells.MemoryMB)
	text := fmt.Sprintf("%d MiB; up to %d concurrent scripts may use %d MiB each",
		total, s.Cells.Concurrency, s.Cells.MemoryMB)
	if permitted > total {
		return Finding{Warning, subject, text + ", which is more than the machine has",
			"lower TABCELL_CONCURRENCY or TABCELL_MEMORY_LIMIT_MB, so that hostile scripts cannot exhaust the memory"}
	}
	return Finding{OK, subject, text, ""}
}
