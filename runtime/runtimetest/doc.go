// Package runtimetest helps other packages to test with the runtime but without Python. It provides
// a fake engine and fake models that return prepared results, and a contract that the fake and the
// real engine both fulfil.
//
// Vocabulary:
//   - fake engine: an evaluator that looks up scripts instead of running them.
//   - behavior: a function that handles the calls of one script or model.
//   - contract: request bodies and the results that every evaluator must return for them.
package runtimetest
