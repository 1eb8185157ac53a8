package codecache

import (
	"fmt"
	"os"
	"strings"

	"tabcell/runtime/internal/snapshot"
	"tabcell/runtime/osfile"

	"github.com/rs/zerolog"
)

// The image depends on the guest, its library, the modules that are imported ahead of time, and the
// host functions and warm-up scripts of this program. It holds no data of a request and no secret:
// its hash seed is fixed, and each cell seeds its random generators again.

const imagePrefix = "image-"

func isImage(name string) bool { return strings.HasPrefix(name, imagePrefix) }

// Image returns the image that an earlier start has left. It returns nil if there is none, or none
// with the recorded digest that can be decoded.
func (c *Cache) Image() *snapshot.State {
	if c.image == "" || c.dir == "" || !c.isVerified(c.image) {
		return nil
	}
	b, err := os.ReadFile(c.path(c.image))
	if err != nil {
		return nil
	}
	if osfile.Digest(b) != c.digestOf(c.image) {
		c.dropImage()
		return nil
	}
	s, err := decodeState(b)
	if err != nil {
		return nil
	}
	c.used.Store(true)
	return s
}

// dropImage removes an image that has the wrong digest, if the files may be changed.
func (c *Cache) dropImage() {
	zerolog.Ctx(c.ctx).Warn().Str("file", c.path(c.image)).
		Msg("the cached image of the interpreter is damaged; the interpreter is booted")
	if !c.bundle && !c.frozen {
		_ = c.remove(isImage) // the boot replaces the image, and reports errors
	}
}

// SaveImage stores the image of a boot, in place of all other images of the guest.
func (c *Cache) SaveImage(s snapshot.State) {
	if c.image == "" || c.dir == "" || c.bundle || c.frozen {
		return
	}
	err := c.remove(isImage)
	if err == nil {
		err = c.replace(c.image, encodeState(s))
	}
	if err != nil {
		zerolog.Ctx(c.ctx).Warn().Err(err).
			Msg("the image of the interpreter could not be stored in the cache; the next start boots it again")
	}
}

// storedState is the head of an image's file; the bytes of the runs follow.
type storedState struct {
	snapshot.State
	Lengths []int // of the runs
}

func encodeState(s snapshot.State) []byte {
	var parts [][]byte
	for _, r := range s.Runs {
		parts = append(parts, r.Bytes)
	}
	return encodeParts(storedState{State: s, Lengths: lengthsOf(parts)}, parts)
}

// decodeState decodes the result of encodeState. The state has slices of b.
func decodeState(b []byte) (*snapshot.State, error) {
	var stored storedState
	rest, err := decodeHead(b, &stored)
	if err != nil {
		return nil, err
	}
	if len(stored.Lengths) != len(stored.Runs) {
		return nil, fmt.Errorf("%d runs, but %d lengths", len(stored.Runs), len(stored.Lengths))
	}
	parts, err := splitParts(rest, stored.Lengths)
	if err != nil {
		return nil, err
	}
	for i, part := range parts {
		stored.Runs[i].Bytes = part
	}
	return &stored.State, nil
}
