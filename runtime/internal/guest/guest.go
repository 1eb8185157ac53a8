// Package guest is the calling convention between the host and the Python guest: names, signatures, and bounds-checked memory.
//
// Vocabulary:
//   - guest: the CPython reactor, a WebAssembly module that the host enters by its exports.
//   - input: what the host holds for a call (the request body, the call's context) and the guest copies in.
//   - service: what a running call may ask of the server by the import ask.
//   - reply: a kind and bytes, handed out by the guest; the host copies them and keeps no pointer.
//   - tick: the import that inserted code calls when its fuel is used up.
//   - interrupt: two words in the guest's memory; setting them makes the interpreter raise at its next safe point.
package guest

// The module names of the guest's imports.
const (
	HostModule  = "tabcell"
	WASIModule  = "wasi_snapshot_preview1"
	StageModule = "stage" // the rewritten guest's one-entry table
	Tick        = "tick"
)

// The exports that the host calls. Each takes no parameters.
const (
	Initialize = "_initialize"       // () -> (): constructors of the C library
	Init       = "tabcell_init"      // () -> i32: 0, or the step that failed
	Evaluate   = "tabcell_evaluate"  // () -> i32: 0 when the reply is with the host
	Interrupt  = "tabcell_interrupt" // () -> i32: address of the two interrupt addresses
	// Load is () -> i32: 0 when the model is loaded, so that Evaluate queries it from then on, 1 when it cannot be; the reply tells of either.
	// A guest may do without.
	Load = "tabcell_load"
	// Compile is () -> i32: 0 when the reply is the compiled code of the script in the input, a list of the number of arguments and the text. A guest
	// may do without.
	Compile = "tabcell_compile"
)

// Inputs of a call.
const (
	InputBody    = 0
	InputContext = 1
	InputModel   = 2 // a line of JSON and the code, while a model is loaded
	InputAnswer  = 3 // what the last service answered
	InputCode    = 4 // what the host keeps of the script
)

// InputParsed is the number of an input that no call has: a guest that asks for its size tells the host that it has read the request. It may do
// without.
const InputParsed = 16
