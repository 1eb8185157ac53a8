//go:build !(linux && (amd64 || arm64))

package linmem

func newStore(mem []byte) (store, error) { return newCopyStore(mem) }
