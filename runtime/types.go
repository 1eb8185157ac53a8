package runtime

import (
	"encoding/json"
	"time"
)

// Guest is an interpreter as a value: the engine does not know where it came from. The functions may be called from any goroutine; what they return
// is not changed. A start that finds all that it needs in the cache calls neither of them, or not before a script needs it.
type Guest struct {
	Name          string                            // such as "core"
	Digest        string                            // sha256 of the binary, hexadecimal
	Wasm          func() ([]byte, error)            // the reactor, WebAssembly binary
	Resources     func() (map[string][]byte, error) // compiled modules ("m:dotted.name") and data files ("f:/lib/path")
	Preload       []string                          // modules imported before the image is captured
	LibraryDigest string                            // tells Resources from others, such as a digest of them; "": nothing does, and the image is not kept
}

// Call is one evaluation.
type Call struct {
	ID   string // call id, for the log only
	Body []byte // the request body as it came, JSON; not changed, not kept after the call
	// Context is what the script sees as the tabpy object.
	Context CallContext
	// Services is what the script may ask of the server; nil: nothing.
	Services Services
	// Account is the account that the script runs for; "" is one, too. Code that is kept for one is not used for another.
	Account string
	// Limits narrow the engine's for this call; zero fields mean the engine's.
	Limits Limits
	// Trace hears of each cell that the call had, when its slot is clean again: after the answer is out, on another goroutine. nil: nobody.
	Trace func(Trace)
}

// CallContext is what a script can learn of its request: attributes of the tabpy object.
type CallContext struct {
	Protocol string            // "http" or "https"
	Port     string            // as text, as TabPy has it
	Timeout  json.Number       // seconds, as the script shall see them: TabPy's default is an int, a configured value a float
	Headers  map[string]string // request headers, without credentials
}

// Result is a finished evaluation.
type Result struct {
	Body   []byte // the answer, finished JSON
	Output []byte // what the script printed, bounded by Limits.Print; may end in a note that it was cut
	Timing Timing
	acted  bool // the script had the server change something
}

// Timing splits a call's duration.
type Timing struct {
	Queue     time.Duration // waiting for a place, and for a model or a guest that is being loaded
	Cell      time.Duration // taking a slot and making the instance
	Run       time.Duration // inside the guest, copies not counted
	Parse     time.Duration // of Run: reading the request; 0 when the guest does not tell
	Serialize time.Duration // of Run: writing the answer
	Copy      time.Duration // copying the body in and the answer out
	CopyIn    time.Duration // of Copy: what went in
}

// Trace is where the time of one cell went, and what it cost besides.
type Trace struct {
	Timing
	Reset   time.Duration // closing the instance and putting the slot's pages back
	Pages   int           // 4 KiB pages put back
	In, Out uint64        // bytes copied into the guest, and out of it
	Fuel    uint64        // loop headers and function entries that the guest passed: its work, whatever the machine
}

// Stats are counters since start and gauges of now.
type Stats struct {
	Calls          uint64 // evaluations that got a cell
	Instances      uint64 // instances made; one for each call, the boot, and each time a model was loaded: none serves two
	Timeouts       uint64
	Crashes        uint64
	Refused        uint64        // calls that found the queue full
	Running        int           // cells running now
	Waiting        int           // calls in the queue now
	Slots          int           // memory slots that exist now
	Pages          uint64        // 4 KiB pages put back after calls, in all
	ResetTime      time.Duration // closing instances and putting pages back, in all
	Copied         uint64        // bytes copied into and out of cells, in all
	Fuel           uint64        // Trace.Fuel of all cells
	DiscardedSlots uint64        // slots thrown away because they could not be made the image again; always 0
}

// Progress reports a long step at start ("compile", "boot").
type Progress struct {
	Guest string
	Step  string
	Done  bool
	Warm  bool // the compiled code came from the cache
	Took  time.Duration
}
