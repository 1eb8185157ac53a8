package doctor

import (
	"fmt"
	"os"

	"tabcell/cmd/tabcell/internal/hostmem"
	"tabcell/runtime"
	"tabcell/settings"

	"golang.org/x/sys/unix"
)

func checkSystem(s settings.Settings) []Finding {
	return []Finding{
		checkSharedImages(), checkPageMap(), checkUserfaultfd(), checkLandlock(s.Process), checkSeccomp(s.Process),
		checkMappings(runtime.MappingLimit()), checkAddressSpace(s), checkMemory(s, hostmem.Available(), hostmem.Free()),
	}
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

// checkMemory compares the memory that the server uses at most with that of the host or of the
// control group. free is the memory that is free now.
func checkMemory(s settings.Settings, available, free hostmem.Memory) Finding {
	const subject = "memory"
	if available.Bytes == 0 {
		return Finding{Warning, subject, "the memory of this host is unknown", "mount /proc"}
	}
	text := fmt.Sprintf("%s has %d MiB; the server uses up to %d (%s)", available.Source, available.MB(), s.MemorySumMB(), s.MemoryText())
	if s.MemorySumMB() > available.MB() {
		return Finding{Warning, subject, text, "lower TABCELL_CONCURRENCY, TABCELL_MEMORY_LIMIT_MB, TABCELL_MODELS_TEMPLATES_MB " +
			"or TABCELL_BUFFER_MB, so that hostile scripts cannot exhaust the memory"}
	}
	if free.Bytes > 0 && s.MemorySumMB() > free.MB() {
		return Finding{Warning, subject, fmt.Sprintf("%s; %d MiB of %s are free now", text, free.MB(), free.Source),
			"stop what uses the memory, or lower the limits of the server as far as other programs need it"}
	}
	return Finding{OK, subject, text, ""}
}
