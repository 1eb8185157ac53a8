// Package wasmbin reads and edits WebAssembly binaries: it turns the guest that the build made into the module that cells are
// instances of, bytes to bytes, without running anything. Prepare is the rewrite, Inspect lists imports and exports, StageModule
// makes the counterpart through which a cell is called.
//
// The words:
//   - prepared module: what Prepare returns. It has no data, no table of its own, no custom sections; an instance's whole mutable
//     state is its memory and its mutable globals, which are all exported under private names.
//   - fuel: a counter in the guest. Each loop header, and the entry of each function that calls others, takes one; when none is left
//     the counter is filled up again and the imported tick function is called. Nothing runs unboundedly without passing a check:
//     repetition needs a loop or a call.
//   - slot: an index of the original table with the function that lies there. A function pointer of C is the number of a slot.
//   - dispatcher: the function that takes the place of the table for one signature. It has that signature's parameters and the slot,
//     and goes on to the slot's function by a tail call. An empty slot, or one of another signature, traps.
//   - entry: an exported function that the host calls; entry i lies at index i of the stage's table.
//   - stage: a tiny permanent instance that owns that table and calls its entries, so that short-lived instances run on a native stack
//     that has grown already.
//   - anchor: the first access to memory through a value. A check of the maxReach access that it leads to goes before it (coalesce.go),
//     and memory has a spare page at its end for what such a check may see.
//
// Three rules hold the package together. A binary is decoded once, with every count bounded by the bytes that are left, so a hostile or
// truncated one costs an error, not memory. Instructions are let through by a list of the known (opcodes.go), never by a list of the
// forbidden. Indices are checked against what the original module defines, so that no code can reach what the rewrite adds.
//
// A prepared module wants tail calls of the engine (wazero: experimental.CoreFeaturesTailCall) besides WebAssembly 2.0.
package wasmbin
