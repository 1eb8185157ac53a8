// Package settings is the whole configuration: where its values come from, what they mean, and what is wrong with them.
//
// Vocabulary:
//
//   - setting: one value with one line in the table of names.go; its name is a TABPY_ name, its own TABCELL_ name, or either.
//   - layer: a place that values come from. Later layers win: defaults, the file, the environment, flags.
//   - origin: the layer that a value came from, and where in it.
//   - problem: something wrong with one value; an error ends the start, a warning is logged.
//   - state: TabPy's state.ini, which names the service (state.go).
//
// Load gathers all of it. The fields below are the reference manual; reference.go prints the table of names.
package settings

// Settings is the configuration that is in force. It is a value: copies are independent.
type Settings struct {
	Server   Server
	Evaluate Evaluate
	Request  Request
	Cells    Cells
	State    State
	Log      Log
}

// Server says where the service listens.
type Server struct {
	// Host is an address or a name to listen on. Empty is the loopback address 127.0.0.1, since nobody is asked for a
	// password: 0.0.0.0 (or ::) opens the service to the network, and to everybody on it.
	Host string
	// Port is 1-65535, or 0 for any free one.
	Port int
}

// Evaluate governs scripts sent with a request.
type Evaluate struct {
	// Enable false answers /evaluate with 404, as TabPy does.
	Enable bool
	// Timeout is the time from entering the queue to the answer, at most a day. 0 ends every script at once.
	Timeout Seconds
}

// Request governs what comes in.
type Request struct {
	// MaxMB bounds a request's body in MiB, after it was inflated; 1-2048.
	MaxMB int
	// Gzip accepts bodies with Content-Encoding: gzip.
	Gzip bool
}

// Cells bounds what scripts may use.
type Cells struct {
	// Guest is which libraries scripts have: core is Python with numpy and pandas; full adds scipy and scikit-learn, and takes more memory and
	// a longer first start; auto serves with core at once and with full as soon as it is compiled, each script by the one it needs.
	Guest string
	// Packages is a folder of pure-Python wheels that scripts can import besides. They are verified at each start.
	Packages string
	// MemoryMB caps a script's memory in MiB, the interpreter included; 128-4095.
	MemoryMB int
	// OutputMB caps an answer in MiB; 1-2048.
	OutputMB int
	// Places is how many scripts run at once. More than there are cores only makes all of them slower. 1-1024.
	Places int
	// Queue is how many scripts may wait for a place; more are answered with 503 and Retry-After. 1-100000.
	Queue int
	// CacheDir keeps compiled code between starts; it must belong to the user and be writable by nobody else. Empty: nothing
	// is kept, and every start compiles anew.
	CacheDir string
	// AllowInterpreter permits a host that forbids executable memory to interpret the guest instead, up to 150 times slower.
	AllowInterpreter bool
	// Verify compares each cell's memory with the image after use. It costs milliseconds a script: for diagnosis.
	Verify bool
}

// State says where TabPy's state is.
type State struct {
	// Path is the folder of state.ini; empty: there is none. A leading ~ is the user's home.
	Path string
}

// Log governs the log, which goes to standard error.
type Log struct {
	// Level is trace, debug, info, warn or error. What scripts print appears at debug.
	Level string
	// Format is text, json, or auto: text on a terminal and json elsewhere.
	Format string
	// Scripts logs the text of every script, and the data with it, at debug.
	Scripts bool
}

// ListenHost is Host, or the loopback address where it is empty.
func (s Server) ListenHost() string {
	if s.Host == "" {
		return "127.0.0.1"
	}
	return s.Host
}
