// Package runtime runs untrusted Python in sealed cells.
//
// # The life of one evaluation
//
// A call waits for a place in a bounded queue. It takes a memory slot that holds the image of a booted interpreter, and a fresh
// WebAssembly instance is made over it. The guest copies the request in, parses it, runs the script and hands finished JSON out.
// The instance is closed, the answer goes out, and the written pages of the slot are put back. No instance serves two scripts.
//
// # Deployed models
//
// A model is loaded once, in a cell like any other, and the memory with it in is captured: an image over the interpreter's own, of which it
// shares what did not change (LoadModel). Each query is a call over that image (QueryModel). Images are dropped, least recently used first, when
// they take too much memory together, and made again when they are queried.
//
// # Kept code and images
//
// The code of a script that comes again is compiled once, in a cell that sees its text alone, and handed to later cells that run it for the same account
// (scripts.go). What a start made of a guest, compiled code and image, is kept for later starts (cache*.go).
//
// # What a script cannot do
//
//   - read or write files: there is no file system but a read-only view of its own library;
//   - reach the network, other processes, the environment, the host's clock settings or its threads: there is no call for it;
//   - run past its deadline: loops, recursion, long native calls and sleep all end, whether it catches exceptions or not;
//   - take more memory, print or answer more than its limits say;
//   - leave anything behind: the next script starts from the image, byte for byte.
//
// What it can do is listed in hostcalls.go, scripts.go, services.go and wasi.go: every function there is a door, and there are no others. All of this holds for
// models as well.
//
// # Vocabulary
//
//   - guest: the Python interpreter as a WebAssembly module; resource: a compiled module or data file of its library.
//   - template: compiled guest and image, shared; cell: one fresh instance over a slot, for one call.
//   - service: what a running call may ask of the server, with the rights of its own caller.
//   - place: the right to run now; there are as many as cores. slot: reserved address space that shows the image.
//   - fuel and tick: the guest's own counter, and the host's look at the deadline when it runs out.
package runtime
