// Package snapshot starts an interpreter once, takes its memory, and lays it under new instances: each is a literal, fresh
// InstantiateModule of the rewritten guest.
//
// Vocabulary:
//   - template: the compiled code and the image, shared by all cells.
//   - image: the linear memory of the booted interpreter, or of one that has loaded a model besides: a template over another.
//   - stage: a permanent instance whose one-entry table the fresh instance fills with its entry function; calling through it
//     runs the guest on the stage's native stack, which has grown already.
package snapshot
