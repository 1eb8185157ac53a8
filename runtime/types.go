package runtime

import (
	"encoding/json"
	"time"

	"tabcell/runtime/memfile"
)

// Guest is a Python interpreter. Its functions may be called from any goroutine; the engine does
// not modify their results. If the cache has everything that a start needs, Wasm is not called at
// all, and Resources is called in the background.
type Guest struct {
	Name      string                            // such as "core"
	Digest    string                            // SHA-256 of the binary, hexadecimal
	Wasm      func() ([]byte, error)            // returns the WebAssembly binary, a reactor
	Resources func() (map[string][]byte, error) // returns compiled modules ("m:dotted.name") and data files ("f:/lib/path")
	// Parts has further resources that are loaded on their own when a script needs them, by the entry
	// of /lib to which they belong. The name of a folder ends in a slash. A function may be called
	// more than once.
	Parts   map[string]func() (map[string][]byte, error)
	Preload []string // modules that are imported before the image is captured
	// OnDemand has the top-level modules that are not in the image. Scripts that import the same ones
	// again get an image in which they are imported.
	OnDemand []string
	// LibraryDigest identifies Resources and Parts. If it is empty, the image is not cached.
	LibraryDigest string
}

// Call is one evaluation of a script, or one query of a model.
type Call struct {
	ID   string // for the log only
	Body []byte // the JSON body of the request, unchanged; it is neither modified nor kept
	// Table, if not nil, is an Arrow IPC stream in pieces: the script gets it as a DataFrame in place
	// of the data in Body. It must not change until the call has returned.
	Table [][]byte
	// TableFiles has the chunks whose bytes pieces of Table are, by the numbers of the pieces. A cell
	// may map them, and may move them first: the pieces are then replaced.
	TableFiles map[int]*memfile.Chunk
	// TableReply, if not nil, gets a result that is a table, in place of Result.Body. Limits.Output
	// does not apply to it.
	TableReply TableReply
	// ReleaseTable, if not nil, is called at most once, on the goroutine of the call, as soon as
	// Table is not needed any more: before the first Write of TableReply. Router does not repeat the
	// call afterwards.
	ReleaseTable func()
	// Context holds the attributes of the script's tabpy object.
	Context CallContext
	// Services handles the script's requests to the server. If it is nil, they are refused.
	Services Services
	// Grants are those of the script. If it is nil, the script may use nothing outside of its cell. A
	// query of a model has the grants of the model instead.
	Grants *Grants
	// Account is the account for which the script runs; it may be empty. Compiled scripts of one
	// account are not used for another.
	Account string
	// Owner is the client that shares the permits and the queue with others.
	Owner Owner
	// Limits narrow the limits of the engine for this call. Zero fields mean those of the engine.
	Limits Limits
	// SeparateErrors keeps text for standard error apart from other printed text.
	SeparateErrors bool
	// Trace, if not nil, is called once for each cell of the call, after its slot has been reset,
	// except for a run that Router discards.
	// Unless another call made this one, that is after the response was returned, on another
	// goroutine.
	Trace func(Trace)
}

// TableReply receives the Arrow IPC stream of a result. Its methods are called on the goroutine of
// the call.
type TableReply interface {
	// Begin starts the stream. It drops one that was begun before, in this run of the script or in one
	// that Router discards.
	Begin()
	// Write appends to the stream. It must not keep p, which is memory of the guest. Its error ends
	// the call, which returns it.
	Write(p []byte) error
	// WriteChunk is Write with a part of Call.TableFiles, which the receiver owns from then on, even
	// after an error.
	WriteChunk(c *memfile.Chunk) error
}

// CallContext holds the facts about the request that a script can read from its tabpy object.
type CallContext struct {
	Protocol string            // "http" or "https"
	Port     string            // a string, as in TabPy
	Timeout  json.Number       // in seconds; as in TabPy, the default is an int and a configured value is a float
	Headers  map[string]string // request headers without credentials
}

// Result is the result of a call.
type Result struct {
	Body   []byte // the response as JSON, or as an Arrow IPC stream; nil if Call.TableReply has it
	Table  bool   // the response is an Arrow IPC stream; only calls with a table have such a result
	Output []byte // text printed by the script, at most Limits.Print bytes and a note about the rest
	Timing Timing
	Fuel   uint64 // see Trace; 0 if the call had no cell
	Memory uint64 // largest size of the cell's memory in bytes, with the image; 0 if the call had no cell

	// Errors is the part of the printed text that went to standard error, if Call.SeparateErrors is
	// set. Output does not have it then.
	Errors []byte

	// searched is a module or distribution of another guest that the script searched for after it
	// had changed something on the server.
	searched string
}

// Timing splits the duration of a call.
type Timing struct {
	Queue     time.Duration // waiting for a permit, a model or a guest; also runs that Router discarded
	Cell      time.Duration // taking a slot and instantiating the guest
	Run       time.Duration // in the guest, without copying
	Parse     time.Duration // part of Run: reading the request; 0 if the guest does not report it
	Serialize time.Duration // part of Run: writing the response
	Copy      time.Duration // copying the body in and the response out
	CopyIn    time.Duration // part of Copy: copying the body in
	Wait      time.Duration // part of Run: waiting for the network, and for a permit afterwards
}

// total returns the duration of the whole call. Parse, Serialize, CopyIn and Wait are parts of the
// others.
func (t Timing) total() time.Duration { return t.Queue + t.Cell + t.Run + t.Copy }

// Trace holds the times and costs of one cell.
type Trace struct {
	Timing
	Reset   time.Duration // closing the instance and resetting the slot
	Pages   int           // 4 KiB pages that were reset
	In, Out uint64        // bytes copied into the guest and out of it
	Fuel    uint64        // loop headers and function entries that the guest passed; the same on any machine
}

// Stats holds counters since the start and gauges of the current state.
type Stats struct {
	Calls     uint64 // calls that got a cell
	Instances uint64 // instances made for calls, boots, loading of models and compiling of scripts
	Timeouts  uint64
	Crashes   uint64
	Refused   uint64        // calls that found the queue, or their part of it, full
	Running   int           // gauge: running calls
	Waiting   int           // gauge: calls in the queue
	Suspended int           // gauge: calls that wait for the network without a permit
	Slots     int           // gauge: memory slots
	Pages     uint64        // 4 KiB pages that were reset
	ResetTime time.Duration // closing instances and resetting slots
	Copied    uint64        // bytes copied into and out of cells
	Fuel      uint64        // sum of Trace.Fuel

	Connections int // gauge: connections of scripts that are open

	// DiscardedSlots counts the slots that could not be reset to the image. It should always be 0.
	DiscardedSlots uint64
}

// add adds the counters of another engine, and its slots. The two share one queue, so that Running,
// Waiting, Suspended and Connections are the same for both.
func (s *Stats) add(o Stats) {
	s.Calls += o.Calls
	s.Instances += o.Instances
	s.Timeouts += o.Timeouts
	s.Crashes += o.Crashes
	s.Refused += o.Refused
	s.Pages += o.Pages
	s.DiscardedSlots += o.DiscardedSlots
	s.Slots += o.Slots
	s.ResetTime += o.ResetTime
	s.Copied += o.Copied
	s.Fuel += o.Fuel
}

// TemplateStats holds counters since the start and gauges of loaded models, and of images in which
// modules are imported for scripts.
type TemplateStats struct {
	Count   int    // gauge: loaded models
	Imports int    // gauge: images with imported modules
	Bytes   uint64 // gauge: the memory of both, without the image that all share
	Builds  uint64 // models loaded
	Drops   uint64 // models dropped to stay within the memory limit or the number of mappings
	// Mappings is a gauge: the memory mappings of all images and slots. See MappingLimit.
	Mappings int
}

// Progress reports a step of a start: "compile" or "load" (of compiled code), and then "boot".
// While a guest is compiled and booted, it is reported at intervals.
type Progress struct {
	Guest    string
	Step     string
	Done     bool          // the step has ended
	Took     time.Duration // if Done
	Code     CodeSource    // if the step "compile" or "load" is done
	Fraction float64       // part of the start that is done, below 1; 0 if it is unknown
	Left     time.Duration // estimated time until scripts can run; 0 if it is unknown
}

// Percent returns the part of the start that is done in percent.
func (p Progress) Percent() int { return int(100 * p.Fraction) }

// SecondsLeft returns the estimated time until scripts can run in whole seconds, rounded up.
func (p Progress) SecondsLeft() int { return seconds(p.Left) }

// CodeSource is the place that the compiled code of a guest comes from.
type CodeSource string

// The sources of compiled code.
const (
	CodeCompiled CodeSource = "compiled" // by this start
	CodeCached   CodeSource = "cache"    // Config.CacheDir
	CodeShipped  CodeSource = "shipped"  // Config.BundleDir
)
