package osfile

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	goruntime "runtime"
	"sync"
	"sync/atomic"
)

// blockSize is the number of bytes in a block of DigestBlocks.
const blockSize = 4 << 20

// DigestBlocks returns a digest of the first size bytes of r that all processors compute together:
// the SHA-256 of the SHA-256 of each block of 4 MiB, in lower-case hexadecimal. The last block may
// be shorter.
func DigestBlocks(r io.ReaderAt, size int64) (string, error) {
	blocks := (size + blockSize - 1) / blockSize
	sums, errs := make([][sha256.Size]byte, blocks), make([]error, blocks)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(int64(goruntime.NumCPU()), blocks) {
		workers.Go(func() {
			buffer := make([]byte, 128<<10)
			for i := next.Add(1) - 1; i < blocks; i = next.Add(1) - 1 {
				at := i * blockSize
				sums[i], errs[i] = digestBlock(io.NewSectionReader(r, at, min(blockSize, size-at)), buffer)
			}
		})
	}
	workers.Wait()
	all := sha256.New()
	for i := range blocks {
		if errs[i] != nil {
			return "", errs[i]
		}
		all.Write(sums[i][:])
	}
	return hex.EncodeToString(all.Sum(nil)), nil
}

// digestBlock returns the SHA-256 of all that r yields. It returns an error if that is less than
// its size.
func digestBlock(r *io.SectionReader, buffer []byte) (sum [sha256.Size]byte, err error) {
	hash := sha256.New()
	n, err := io.CopyBuffer(hash, struct{ io.Reader }{r}, buffer)
	if err == nil && n < r.Size() {
		err = io.ErrUnexpectedEOF
	}
	hash.Sum(sum[:0])
	return sum, err
}
