//go:build !(linux && (amd64 || arm64))

package linmem

func newStore(mem []byte) (store, error) { return newCopyStore(mem) }

func newStoreOf(size uint64, parts []Part) (store, error) {
	image := make([]byte, size)
	for _, p := range parts {
		copy(image[p.At:], p.Bytes)
	}
	return &copyStore{image}, nil
}
