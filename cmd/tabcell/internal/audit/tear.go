package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
)

// tear is the beginning of a line without its end: all bytes after the last line of a file.
type tear struct {
	size int64
	sum  hash.Hash
}

func newTear(content []byte) *tear {
	t := &tear{sum: sha256.New()}
	t.add(content)
	return t
}

func (t *tear) add(content []byte) {
	t.size += int64(len(content))
	t.sum.Write(content)
}

func (t *tear) digest() string { return hex.EncodeToString(t.sum.Sum(nil)) }
