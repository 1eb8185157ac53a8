// Package guest defines the calling convention between the host and the Python guest: names,
// numbers, and bounds-checked access to the guest's memory. The guest's half is in
// assets/guest/bridge.h.
//
// Vocabulary:
//   - guest: the CPython interpreter as a WebAssembly reactor, which the host calls through its
//     exports.
//   - input: data that the host holds for a call, such as the request body, and that the guest
//     copies.
//   - service: an operation of the server that a running call may request through the import ask.
//   - reply: a kind and bytes that the guest returns. The host copies them and keeps no pointer.
//   - tick: the import that instrumented code calls when its fuel is used up.
//   - interrupt: two words in the guest's memory. Setting them makes the interpreter raise an
//     exception at its next safe point.
package guest

// The module names of the guest's imports, and the name of the tick function.
const (
	HostModule  = "tabcell"
	WASIModule  = "wasi_snapshot_preview1"
	StageModule = "stage" // provides the table of the rewritten guest, which has one entry
	Tick        = "tick"
	// AttemptImport is () -> i32: it calls the export Attempt. It returns 0 when that has returned,
	// and 1 when it has called the import throw.
	AttemptImport = "attempt"
)

// The exports that the host calls. They have no parameters.
const (
	Initialize = "_initialize"       // () -> (): runs the constructors of the C library
	Init       = "tabcell_init"      // () -> i32: 0, or the number of the step that failed
	Evaluate   = "tabcell_evaluate"  // () -> i32: 0 when the host has the reply
	Interrupt  = "tabcell_interrupt" // () -> i32: address of the addresses of the two interrupt words
	// Load is () -> i32: 0 when the model is loaded, after which Evaluate queries it, and 1 when it
	// cannot be loaded. In both cases there is a reply with the details. The export is optional.
	Load = "tabcell_load"
	// Compile is () -> i32: 0 when the reply is the compiled code of the script in the input, which
	// is a list of the number of arguments and the text. The export is optional.
	Compile = "tabcell_compile"
	// Attempt is () -> i32: runs the function that the guest has chosen before it called the import
	// attempt. Its result is ignored. The export is optional.
	Attempt = "tabcell_attempt"
)

// The inputs of a call.
const (
	InputBody    = 0
	InputContext = 1
	InputModel   = 2 // while a model is loaded: a line of JSON, then the code
	InputAnswer  = 3 // the response of the last service
	InputCode    = 4 // the script's compiled code, if the host has it
	InputTable   = 5 // the table of the request, an Arrow IPC stream
	InputEnv     = 6 // environment variables of the script's grants, as JSON
)

// InputParsed is the number of an input that does not exist. By asking for its size, a guest
// reports that it has parsed the request. A guest need not do that.
const InputParsed = 16
