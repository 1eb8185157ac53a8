package codecache

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"tabcell/runtime/internal/snapshot"

	"github.com/rs/zerolog"
)

// The image of a booted interpreter is kept, too: it depends on the guest, its library, what is imported ahead, and this program's host functions and
// warm-ups. It holds nothing of a request, and no secret: its hash seed is fixed, and each cell renews its random generators.

const imagePrefix = "image-"

func isImage(name string) bool { return strings.HasPrefix(name, imagePrefix) }

// readImage is what was kept under the name; nil when there is nothing to use.
func (c *codeCache) readImage(name string) *snapshot.State {
	if name == "" || c.dir == "" || c.known[name] == "" {
		return nil
	}
	b, err := os.ReadFile(c.path(name))
	if err != nil {
		return nil
	}
	s, err := decodeState(b)
	if err != nil {
		return nil
	}
	return s
}

// keepImage takes the place of other images of the guest.
func (c *codeCache) keepImage(ctx context.Context, name string, s snapshot.State) {
	if name == "" || c.dir == "" || c.shipped {
		return
	}
	err := c.forget(isImage)
	if err == nil {
		err = replaceFile(c.path(name), encodeState(s))
	}
	if err != nil {
		zerolog.Ctx(ctx).Warn().Err(err).Msg("the image of the interpreter could not be kept: the next start boots it again")
	}
}

// storedState is a state as a line of JSON without the bytes, which follow.
type storedState struct {
	snapshot.State
	Lengths []int // of the runs
}

func encodeState(s snapshot.State) []byte {
	stored := storedState{State: s}
	var parts [][]byte
	for _, r := range s.Runs {
		stored.Lengths = append(stored.Lengths, len(r.Bytes))
		parts = append(parts, r.Bytes)
	}
	return behindHead(stored, parts)
}

// decodeState keeps b. It is an error when b is not what encodeState made.
func decodeState(b []byte) (*snapshot.State, error) {
	head, rest, _ := bytes.Cut(b, []byte{'\n'})
	var stored storedState
	if err := json.Unmarshal(head, &stored); err != nil {
		return nil, err
	}
	if len(stored.Lengths) != len(stored.Runs) {
		return nil, fmt.Errorf("%d runs, %d lengths", len(stored.Runs), len(stored.Lengths))
	}
	parts, err := cutParts(rest, stored.Lengths)
	if err != nil {
		return nil, err
	}
	for i, part := range parts {
		stored.Runs[i].Bytes = part
	}
	return &stored.State, nil
}
