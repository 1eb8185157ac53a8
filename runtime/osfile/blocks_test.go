package osfile

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"testing"
)

// TestDigestBlocks compares the digest with its definition, and checks that each byte and the size
// are part of it.
func TestDigestBlocks(t *testing.T) {
	content := make([]byte, 3*blockSize+5)
	for i := range content {
		content[i] = byte(i * i >> 8)
	}
	seen := map[string]int{}
	for _, size := range []int{0, 1, blockSize - 1, blockSize, blockSize + 1, 2 * blockSize, len(content)} {
		var sums []byte
		for at := 0; at < size; at += blockSize {
			sum := sha256.Sum256(content[at:min(size, at+blockSize)])
			sums = append(sums, sum[:]...)
		}
		got, err := DigestBlocks(bytes.NewReader(content), int64(size))
		if err != nil || got != Digest(sums) {
			t.Errorf("%d bytes: %s, error %v; want %s", size, got, err, Digest(sums))
		}
		if other, ok := seen[got]; ok {
			t.Errorf("%d and %d bytes have the same digest", size, other)
		}
		seen[got] = size
	}
	for _, at := range []int{0, blockSize - 1, blockSize, len(content) - 1} {
		content[at] ^= 1
		got, err := DigestBlocks(bytes.NewReader(content), int64(len(content)))
		if other, ok := seen[got]; ok || err != nil {
			t.Errorf("a change at %d: the digest is that of %d bytes, error %v", at, other, err)
		}
		content[at] ^= 1
	}
	if _, err := DigestBlocks(bytes.NewReader(content[:len(content)-1]), int64(len(content))); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a file that is too short: %v", err)
	}
}
