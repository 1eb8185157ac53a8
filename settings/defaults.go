package settings

import (
	"os"
	"path/filepath"
	goruntime "runtime"
)

const (
	minConnections  = 16 // lower limit of Server.MaxConnections
	loopback        = "127.0.0.1"
	anyAddress      = "0.0.0.0"        // default of Server.Host with authentication
	minTLSVersion   = "TLSv1_2"        // default and lower limit of TLS.Minimum
	stateModelsName = "tabcell-models" // default of Models.Path, within State.Path
)

// availableCores is the number of cores that this process may use. GOMAXPROCS takes a container's
// CPU limit into account. It is read when the program starts, before main doubles it.
var availableCores = min(goruntime.NumCPU(), goruntime.GOMAXPROCS(0))

// Defaults returns the settings of an empty configuration on this machine. Every default has its
// only home in this file. Load replaces two of them if other settings are given: Server.Host with
// authentication, and Models.Path with a state folder; and with that, Cluster.Path.
func Defaults() Settings {
	return Settings{
		Server:   Server{Host: loopback, Port: 9004, MaxConnections: maxConnections(), MaxConnectionsPerAddress: maxConnections() / 4},
		Auth:     Auth{MemoryMB: 256, DefaultRoles: "evaluate,query,deploy,metrics"},
		OAuth:    OAuth{QueryScope: "tabpy:query", EvaluateScope: "tabpy:evaluate", DeployScope: "tabpy:deploy"},
		TLS:      TLS{Protocol: "http", Minimum: minTLSVersion, ClientCert: "required"},
		Evaluate: Evaluate{Enable: true, Timeout: Seconds{Value: 30, Whole: true}},
		Request:  Request{MaxMB: 100, BufferMB: 800, Gzip: true},
		Flight:   Flight{Port: 13622, TablesMB: 400, TableMB: 256, TTL: 600},
		Cells:    Cells{Guest: "auto", MemoryMB: 1024, OutputMB: 256, Concurrency: availableCores, Queue: 128, GrantConnections: 256, CacheDir: cacheDir()},
		Models:   Models{Path: modelsDir(), MaxMB: 256, MaxCount: 1000, KeepVersions: 10, TemplatesMB: 1024},
		Cluster:  Cluster{Path: clusterDir(), Listen: ":9005", Voters: 3},
		Log:      Log{Level: "info", Format: "auto", Repeats: 20},
		Audit:    Audit{MaxMB: 100},
		Console:  Console{Enable: true},
		Process:  Process{Confine: "auto"},
	}
}

// defaultService returns the description of a service without a state file, as TabPy's template for
// that file has it.
func defaultService() Service { return Service{Name: "TabPy Server", CreationTime: "0"} }

// maxConnections returns the default of Server.MaxConnections: three quarters of the files that
// this process may have open, so that enough are left for models and logs, but at most 4096.
func maxConnections() int {
	const most = 4096
	if files := maxOpenFiles(); files > 0 {
		return max(minConnections, min(most, files/4*3))
	}
	return most
}

// cacheDir returns the default of Cells.CacheDir. It is "" if the user has no cache folder, such as
// the user of a service without a home folder.
func cacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "tabcell")
}

// modelsDir returns the default of Models.Path. It is within the user's configuration folder,
// because Go has no function for the folder of permanent data. It is "" if the user has no such
// folder.
func modelsDir() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "tabcell", "models")
}

// clusterDir returns the default of Cluster.Path, beside the default of Models.Path.
func clusterDir() string {
	if dir := modelsDir(); dir != "" {
		return dir + "-cluster"
	}
	return ""
}
