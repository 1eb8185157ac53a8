//go:build !(linux && (amd64 || arm64))

package linmem

// newStore is the plain copy where there is no better way.
func newStore(mem []byte) (store, error) { return newCopyStore(mem) }
