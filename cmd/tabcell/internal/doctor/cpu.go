package doctor

import (
	"context"
	goruntime "runtime"
	"strings"

	"tabcell/cmd/tabcell/internal/buildinfo"
	"tabcell/runtime"

	"golang.org/x/sys/cpu"
)

// checkEngine names the engine. The stock one works, but slowly.
func checkEngine() Finding {
	if runtime.EnginePatches() == "" {
		return Finding{Warning, "engine", runtime.EngineName(), buildinfo.StockEngineAdvice()}
	}
	if runtime.AddressSpaceLimited() {
		return Finding{Warning, "engine", runtime.EngineName() + ", with a limit of the address space", buildinfo.AddressSpaceAdvice}
	}
	return Finding{OK, "engine", runtime.EngineName(), ""}
}

// checkProcessor checks that the compiler supports the processor. It supports arm64, and amd64
// with SSE4.1. The other features of amd64 make the compiled code shorter; the stock engine has no use
// for AVX.
func checkProcessor() Finding {
	arch := goruntime.GOARCH
	switch arch {
	case "arm64":
		return Finding{OK, "processor", arch, ""}
	case "amd64":
		return checkAMD64(missingFeatures(cpu.X86.HasSSE41, cpu.X86.HasBMI1, cpu.X86.HasBMI2, cpu.X86.HasPOPCNT, cpu.X86.HasAVX))
	}
	return Finding{Failure, "processor", arch + ": the compiler does not support it",
		"use an amd64 or arm64 machine, or see TABCELL_ALLOW_INTERPRETER"}
}

// missingFeatures returns the names of the features that an amd64 processor lacks, SSE4.1 first.
func missingFeatures(sse41, bmi1, bmi2, popcnt, avx bool) (missing []string) {
	for _, feature := range []struct {
		present bool
		name    string
	}{{sse41, "SSE4.1"}, {bmi1, "BMI1"}, {bmi2, "BMI2"}, {popcnt, "POPCNT"}, {avx, "AVX"}} {
		if !feature.present {
			missing = append(missing, feature.name)
		}
	}
	return missing
}

func checkAMD64(missing []string) Finding {
	const advice = "expose the host's processor features to the virtual machine"
	switch {
	case len(missing) == 0:
		return Finding{OK, "processor", "amd64 with SSE4.1, BMI1, BMI2, POPCNT, AVX", ""}
	case missing[0] == "SSE4.1":
		return Finding{Failure, "processor", "amd64 without SSE4.1", "use a machine built after 2008, or " + advice}
	}
	text := "amd64 without " + strings.Join(missing, ", ") + "; scripts run somewhat slower"
	return Finding{Warning, "processor", text, advice}
}

const allowExecutable = "allow executable memory (systemd: MemoryDenyWriteExecute=no, SELinux: execmem)"

// checkExecutableMemory compiles and calls a small module. allowed is the setting
// TABCELL_ALLOW_INTERPRETER.
func checkExecutableMemory(allowed bool) Finding {
	const subject = "executable memory"
	err := runtime.Probe(context.Background())
	switch {
	case err == nil:
		return Finding{OK, subject, "memory can be made executable", ""}
	case allowed:
		return Finding{Warning, subject, err.Error(), "scripts run up to 150 times slower; " + allowExecutable}
	}
	return Finding{Failure, subject, err.Error(),
		allowExecutable + ", or set TABCELL_ALLOW_INTERPRETER=true, with which scripts run up to 150 times slower"}
}
