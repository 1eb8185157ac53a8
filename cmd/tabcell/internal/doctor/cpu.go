package doctor

import (
	"context"
	goruntime "runtime"
	"strings"

	"tabcell/runtime"

	"golang.org/x/sys/cpu"
)

// checkProcessor: the compiler knows two kinds of processor, and needs SSE4.1 on one of them. The others make code shorter.
func checkProcessor() Finding {
	arch := goruntime.GOARCH
	switch arch {
	case "arm64":
		return Finding{Verdict: OK, About: "processor", Text: arch}
	case "amd64":
		return judgeAMD64(missingAMD64(cpu.X86.HasSSE41, cpu.X86.HasBMI1, cpu.X86.HasBMI2, cpu.X86.HasPOPCNT))
	}
	return Finding{Failure, "processor", arch + ": there is no compiler for it", "use an amd64 or arm64 machine, or see TABCELL_ALLOW_INTERPRETER"}
}

func missingAMD64(sse41, bmi1, bmi2, popcnt bool) (missing []string) {
	for _, f := range []struct {
		has  bool
		name string
	}{{sse41, "SSE4.1"}, {bmi1, "BMI1"}, {bmi2, "BMI2"}, {popcnt, "POPCNT"}} {
		if !f.has {
			missing = append(missing, f.name)
		}
	}
	return missing
}

func judgeAMD64(missing []string) Finding {
	switch {
	case len(missing) == 0:
		return Finding{Verdict: OK, About: "processor", Text: "amd64 with SSE4.1, BMI1, BMI2, POPCNT"}
	case missing[0] == "SSE4.1":
		return Finding{Failure, "processor", "amd64 without SSE4.1", "use a machine made after 2008, or let the virtual machine see its host's processor"}
	}
	said := "amd64 without " + strings.Join(missing, ", ") + ": somewhat slower"
	return Finding{Warning, "processor", said, "let the virtual machine see its host's processor"}
}

const allowExecutable = "allow executable memory (systemd: MemoryDenyWriteExecute=no, SELinux: execmem)"

// checkExecutableMemory compiles and calls a tiny module.
func checkExecutableMemory(allowed bool) Finding {
	const about = "executable memory"
	err := runtime.Probe(context.Background())
	switch {
	case err == nil:
		return Finding{Verdict: OK, About: about, Text: "memory can be made executable"}
	case allowed:
		return Finding{Warning, about, err.Error(), "scripts run up to 150 times slower: " + allowExecutable}
	}
	return Finding{Failure, about, err.Error(), allowExecutable + ", or set TABCELL_ALLOW_INTERPRETER=true and wait up to 150 times longer"}
}
