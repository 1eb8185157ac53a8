package runtime

import (
	"context"

	"tabcell/runtime/internal/pool"
)

// Owner is the client for which a call runs, an account or an address. The owners of waiting calls
// get permits in turn, and one owner's calls may fill only a part of the queue: half of it with the
// weight 1. Calls without a key are one owner, which may fill the queue.
type Owner = pool.Owner

type ownerKey struct{}

// WithOwner returns a context for LoadModel, whose calls then belong to the owner.
func WithOwner(ctx context.Context, o Owner) context.Context {
	return context.WithValue(ctx, ownerKey{}, o)
}

// ownerOf returns the owner of WithOwner, or the zero value.
func ownerOf(ctx context.Context) Owner {
	o, _ := ctx.Value(ownerKey{}).(Owner)
	return o
}
