// Package runtimetest has what tests of other rooms need of the runtime, without Python: a stand-in for the engine that knows a few
// scripts by heart, and the contract that it and the engine both keep.
//
// The words:
//   - stand-in: an evaluator that looks scripts up instead of running them.
//   - act: what the stand-in does for one script.
//   - contract: bodies and what must become of them, whoever evaluates.
package runtimetest
