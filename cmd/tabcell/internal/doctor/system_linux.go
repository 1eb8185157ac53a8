package doctor

import (
	"fmt"
	"os"

	"tabcell/settings"

	"golang.org/x/sys/unix"
)

func checkSystem(s settings.Settings) []Finding {
	return []Finding{checkSharedImages(), checkPageMap(), checkFiles(), checkMemory(s)}
}

// checkSharedImages: cells share one image through a memory file; without it each has its own copy.
func checkSharedImages() Finding {
	const about = "shared images"
	fd, err := unix.MemfdCreate("doctor", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return Finding{Warning, about, "memfd_create: " + err.Error() + ": each cell copies the image", "allow memfd_create in the container's seccomp profile"}
	}
	unix.Close(fd)
	return Finding{Verdict: OK, About: about, Text: "memory files work"}
}

// checkPageMap: the pages that a script wrote are found there.
func checkPageMap() Finding {
	const about = "written pages"
	file, err := os.Open("/proc/self/pagemap")
	if err != nil {
		return Finding{Warning, about, err.Error() + ": each cell copies the image", "mount /proc"}
	}
	file.Close()
	return Finding{Verdict: OK, About: about, Text: "/proc/self/pagemap can be read"}
}

// checkMemory compares what all cells together may take with what the machine has.
func checkMemory(s settings.Settings) Finding {
	const about = "memory"
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return Finding{Warning, about, err.Error(), ""}
	}
	has := uint64(info.Totalram) * uint64(info.Unit) >> 20
	needs := uint64(s.Cells.Concurrency) * uint64(s.Cells.MemoryMB)
	said := fmt.Sprintf("%d MiB; %d scripts at once may take %d MiB each", has, s.Cells.Concurrency, s.Cells.MemoryMB)
	if needs > has {
		return Finding{Warning, about, said, "lower TABCELL_CONCURRENCY or TABCELL_MEMORY_LIMIT_MB: hostile scripts can use up the machine"}
	}
	return Finding{Verdict: OK, About: about, Text: said}
}
