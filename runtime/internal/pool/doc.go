// Package pool schedules calls and keeps the resources that they run on. A resource is returned to
// the pool only after it has been reset; one that cannot be reset is discarded.
//
// Vocabulary:
//   - permit: the right to run one script now. The number of permits is the number of scripts that
//     may run at the same time; calls wait for them in a queue.
//   - worker: a slot and a stage, used for one call after another.
//   - slot: the memory of one instance at a time, reset to the image after each use (package
//     linmem).
//   - stage: a permanent instance through which short-lived ones are called, so that its native
//     stack has to grow only once.
//
// A call acquires a permit from a Queue, gets a Worker from a Pool, runs, puts the worker back,
// which resets the slot, and releases the permit.
package pool
