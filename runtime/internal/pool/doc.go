// Package pool keeps what cells are made of, per worker: memory slots and stages. Nothing unclean ever goes back into it.
//
// Vocabulary:
//   - place: the right to run one script now. There are as many as cores are set aside for scripts; calls queue for them.
//   - worker: the holder of a place, with the slot and the stage that it uses for call after call.
//   - slot: memory for one instance at a time, made equal to the image after each use (package linmem).
//   - stage: a permanent instance through which a fresh one is entered, so that its native stack is grown only once.
//
// A call waits in a Queue for its place, runs on that worker, and gives the place back when the slot is clean again. What cannot
// be made clean is released, and replaced before the next use.
package pool
