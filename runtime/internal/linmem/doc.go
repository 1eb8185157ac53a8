// Package linmem lends linear memory to sealed cells: on Linux as private pages over one shared image, elsewhere as a plain copy.
//
// An image is made once, from the memory of a booted interpreter. Each worker keeps a slot over it, lends the slot to one
// fresh instance, and restores it when that instance is closed:
//
//	image, _ := linmem.NewImage(booted)
//	slot, _ := image.NewSlot(1 << 30)
//	lease := slot.NewLease(256 << 20)
//	ctx = experimental.WithMemoryAllocator(ctx, lease) // instantiate, run, close
//	_, err := slot.Reset()
//
// Vocabulary:
//   - image: the bytes every instance starts from. Immutable.
//   - base: an image that another one is made over: pages that are the same in both exist once.
//   - slot: address space that holds one instance's memory at a time: the image, then room to grow, which is zero.
//   - lease: one instance's use of a slot, with a cap of its own. It ends at Reset.
//   - private page: an OS page that a slot no longer shares, because something was written to it.
//   - hot set: the pages that stay private after a Reset, so that the next run takes no faults on them.
//   - method: how private pages are found and put back: "scan", "pagemap", "remap" or "copy".
//
// A slot belongs to one goroutine at a time. An image may be shared freely.
package linmem
