// Package wasmbin reads and rewrites WebAssembly binaries. It turns the guest, as it was built,
// into the module that cells are instances of. It works on bytes and runs nothing. Prepare rewrites
// a module, Inspect lists imports and exports, StageModule makes the module through which cells are
// called, and StubModule makes a small module that stands for a large one in a compilation cache.
//
// Vocabulary:
//   - prepared module: the result of Prepare. It has no data segments, no table of its own and no
//     custom sections. The whole mutable state of an instance is its memory and its mutable
//     globals, which are all exported under private names.
//   - fuel: a counter in the guest. Each loop header, and the entry of each function that calls
//     others, takes one unit. When none is left, the counter is refilled and the imported tick
//     function is called. No code can run for an unlimited time without a check, because repetition
//     needs a loop or a call.
//   - slot: an index of the original table together with the function at that index. A function
//     pointer in C is the index of a slot.
//   - dispatcher: a function that replaces the table for one signature. Its parameters are those of
//     the signature and the slot. It continues in the slot's function with a tail call. If the slot
//     is empty, or its function has another signature, it traps.
//   - entry: an exported function that the host calls. Entry i is at index i of the stage's table.
//   - stage: a tiny permanent instance that owns that table and calls its entries, so that
//     short-lived instances run on a native stack that has already grown.
//   - anchor: the first memory access through a value. A check of the highest address that later
//     accesses reach through the value is inserted before it (coalesce.go). A spare page at the end
//     of the memory makes that check safe.
//
// The safety of the package rests on three rules. A binary is decoded once, and every count is
// limited by the number of remaining bytes, so that a hostile or truncated binary causes an error
// and does not exhaust memory. Instructions are accepted by a list of known ones (opcodes.go), not
// rejected by a list of forbidden ones. Indices are checked against the definitions of the original
// module, so that its code cannot reach anything that the rewrite adds.
//
// In addition to WebAssembly 2.0, a prepared module needs an engine with tail calls (wazero:
// experimental.CoreFeaturesTailCall).
package wasmbin
