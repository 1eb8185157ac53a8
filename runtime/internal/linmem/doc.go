// Package linmem provides the linear memory of cells: on Linux, private pages over one shared
// image; on other systems, a copy of the image.
//
// An image is made once, from the memory of a booted interpreter. Each worker has a slot over it.
// The slot is leased to one instance at a time and reset after that instance is closed:
//
//	image, _ := linmem.NewImage(booted)
//	slot, _ := image.NewSlot(1 << 30)
//	lease := slot.NewLease(256 << 20)
//	ctx = experimental.WithMemoryAllocator(ctx, lease) // instantiate, run, close
//	_, err := slot.Reset()
//
// Vocabulary:
//   - image: the immutable bytes that every instance starts from.
//   - base: the image that another one was derived from. Pages that are equal in both exist once.
//   - slot: address space for the memory of one instance at a time: the image, then a growth area
//     of zeros.
//   - lease: the use of a slot by one instance, with a memory limit. It ends at Reset.
//   - guard: the inaccessible addresses after the current size of the memory, with an engine whose code
//     relies on them (memguard).
//   - private page: an OS page that a slot does not share, because it has been written to.
//   - hot set: the pages that stay private after a Reset, so that the next run has no faults on
//     them.
//   - method: how private pages are found and reset: "scan", "pagemap", "remap" or "copy".
//
// A slot must be used by one goroutine at a time. An image may be used concurrently.
package linmem
