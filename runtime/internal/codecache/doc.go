// Package codecache keeps the results of a start, so that the next start is fast: the
// rewritten module of a guest, its compiled code, its library, and the image of the booted interpreter.
//
// A cache folder has one folder for each guest. wazero verifies only a CRC of the code that it
// loads, and the code runs in this process. The folder must therefore be private to the user of the
// process, and a file is used only if its SHA-256 digest was recorded by an earlier start.
//
// A code bundle is a cache folder that was filled ahead of time and is installed with the program.
// Its manifest has the digests of all files. A bundle is never written to.
//
// Vocabulary:
//   - rewritten guest: the module as package wasmbin has changed it for compilation.
//   - image: the memory of the booted interpreter.
//   - stub: a small module that stands for a large one in wazero's own cache (stub.go).
//   - mark: a file named after a stub, whose content is the name of the file with the compiled
//     code.
package codecache
