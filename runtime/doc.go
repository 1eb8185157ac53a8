// Package runtime runs untrusted Python in WebAssembly cells.
//
// # The path of a request
//
// [Engine.Evaluate] takes a call through these steps:
//
//  1. It waits for a permit in a bounded, fair queue (admission.go).
//  2. It takes a memory slot, which shows the image of a booted interpreter, and makes a fresh
//     WebAssembly instance over it (internal/pool).
//  3. The guest copies the body of the request in, parses it, runs the script and serializes the
//     result as JSON (hostfuncs.go).
//  4. The host copies the response out and returns it.
//  5. The instance is closed and the pages of the slot that were written are reset.
//
// No instance serves two calls.
//
// # Deployed models
//
// A model is loaded once, in a cell like any other, and the memory of that cell is captured: an
// image over that of the interpreter, which shares the unchanged pages (build.go). Each query is a
// call over that image (query.go). When the images of all models exceed a memory budget, the least
// recently used are dropped, and made again when they are queried (templates.go).
//
// # Caches
//
// A script that arrives again is compiled once, in a cell that sees only its text. Later calls of
// the same account get the compiled code (scripts.go). The compiled code and the image of the guest
// are kept for later starts (internal/codecache).
//
// Modules that scripts import again and again are imported once, and the memory is captured, as for
// a model (imports.go).
//
// # What a script cannot do
//
//   - It cannot read files of the host, except for those in folders that its grants name, and it
//     cannot write any. The file system of a cell is inside the guest: a read-only view of its own
//     library, and a scratch folder in its memory.
//   - It cannot reach the network, except for the targets that its grants name, and it cannot reach
//     other processes, the environment, the host's clock settings or its threads.
//   - It cannot run past its deadline. Loops, recursion, long native calls and sleep all end,
//     whether the script catches exceptions or not.
//   - It cannot exceed its limits for memory, printed text and the size of its response.
//   - It cannot leave anything behind. The next script starts from the image, byte for byte.
//
// All of this holds for models as well. A script can call the host functions in the tables of
// hostfuncs.go and wasi.go, and no others. They let it read its request and its library, write its
// response, print, read clocks, sleep, draw random bytes, get its own compiled code, catch the
// exceptions of its own native code (attempt.go), make requests to the server (services.go), and use
// its grants (grantfuncs.go, grantfiles.go).
//
// # Grants
//
// A call may have grants (Call.Grants, Model.Grants): folders, targets and variables. Package
// internal/egress makes its connections and package internal/hostfs reads its files; both enforce
// the grants, and all that is open ends with the call (grantstate.go). While a call waits for the
// network, another one has its permit. A call that has used a grant is never run again, and results
// must not be shared between calls with grants. Kept images and kept code are made without
// variables and connections; the image of a model that has read files is made again when they
// change.
//
// # Vocabulary
//
//   - guest: the Python interpreter as a WebAssembly module.
//   - resource: a compiled module or a data file of the guest's library.
//   - image: the memory of an interpreter that has booted, and perhaps loaded a model.
//   - template: the compiled guest and an image, which many cells share.
//   - slot: reserved address space that shows an image.
//   - cell: one fresh instance over a slot, for one call.
//   - permit: the right to run a cell. There are as many as Config.Concurrency.
//   - service: a kind of request that a running script can make to the server.
//   - fuel: a counter in the guest. When it runs out, the guest calls tick, which checks the
//     deadline.
package runtime
