package settings

import (
	"os"
	"path/filepath"
	goruntime "runtime"
)

// cores is what this process may use. A container's share of the machine counts, which Go puts into GOMAXPROCS; it is read before
// main doubles that.
var cores = min(goruntime.NumCPU(), goruntime.GOMAXPROCS(0))

// Defaults are the values of a configuration that says nothing, on this machine.
func Defaults() Settings {
	return Settings{
		Server:   Server{Host: loopback, Port: 9004},
		OAuth:    OAuth{QueryScope: "tabpy:query", EvaluateScope: "tabpy:evaluate", DeployScope: "tabpy:deploy"},
		TLS:      TLS{Protocol: "http", Minimum: safeVersion},
		Evaluate: Evaluate{Enable: true, Timeout: Seconds{Value: 30, Whole: true}},
		Request:  Request{MaxMB: 100, Gzip: true},
		Cells:    Cells{Guest: "auto", MemoryMB: 1024, OutputMB: 256, Concurrency: cores, Queue: 64, CacheDir: cacheDir()},
		Models:   Models{Path: modelsDir(), MaxMB: 256, MaxCount: 1000, KeepVersions: 10, TemplatesMB: 1024},
		Log:      Log{Level: "info", Format: "auto"},
	}
}

// cacheDir is empty where the user has no cache folder, such as a service without a home.
func cacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "tabcell")
}

// modelsDir is in the folder for what must last, which Go knows only as that for configuration; empty where the user has none.
func modelsDir() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "tabcell", "models")
}
