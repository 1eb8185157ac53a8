// Package snapshot boots an interpreter once, captures its memory as an image, and creates
// instances that start from that image. Each instance is a new InstantiateModule of the rewritten
// guest.
//
// Vocabulary:
//   - template: compiled code and an image, shared by all cells.
//   - image: the linear memory of the booted interpreter, or of one that has also loaded a model.
//     The latter belongs to a template that is based on another one.
//   - cell: an instance of the guest. It runs one call.
//   - stage: a permanent instance with a table of one entry, which every new cell sets to its entry
//     function. A call through the stage runs the cell on the stage's native stack, which has
//     already grown.
package snapshot
