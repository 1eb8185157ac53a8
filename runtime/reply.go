package runtime

import (
	"fmt"
	"slices"
	"time"

	"tabcell/runtime/internal/guest"

	"github.com/tetratelabs/wazero/api"
)

// firstPiece is the size in bytes of the first piece of a reply that the guest writes in pieces.
const firstPiece = 256 << 10

// replyBegin(kind) begins the reply. The bytes of an earlier reply of the call are dropped.
func replyBegin(c *call, _ guest.Memory, s []uint64) {
	c.untilReply = c.guestTime()
	c.kind = Kind(min(uint32(s[0]), 255))
	c.reply = c.reply[:0]
	if c.repliesToTable() {
		c.tableReply.Begin()
	}
}

// replyWrite(src, len) appends to the reply. A reply beyond the output limit ends the call with
// ErrOutput, and a table with the error of its receiver.
func replyWrite(c *call, m guest.Memory, s []uint64) {
	begun := time.Now()
	b, ok := m.View(uint32(s[0]), uint32(s[1]))
	if !ok {
		panic(&stop{fmt.Errorf("%w: its response is outside of its memory", ErrCrash)})
	}
	if c.repliesToTable() {
		c.writeTable(uint64(api.DecodeU32(s[0])), b)
	} else {
		c.appendReply(b)
	}
	c.trace.Copy += time.Since(begun)
	c.trace.Out += uint64(len(b))
}

// repliesToTable reports whether the bytes of the reply go to Call.TableReply.
func (c *call) repliesToTable() bool {
	return c.kind == kindTable && c.table != nil && c.tableReply != nil
}

func (c *call) appendReply(b []byte) {
	if uint64(len(c.reply))+uint64(len(b)) > c.limits.Output {
		panic(&stop{ErrOutput})
	}
	c.reply = append(c.growReply(len(b)), b...)
}

// growReply returns the reply with capacity for n more bytes. A reply in pieces is often about as
// long as the request, or a little longer because of spaces between values, so that capacity is
// allocated at once.
func (c *call) growReply(n int) []byte {
	if len(c.reply)+n <= cap(c.reply) || len(c.reply) == 0 && n < firstPiece {
		return c.reply
	}
	request := len(c.body)
	if c.table != nil {
		request += int(c.tableSize())
	}
	expected := min(request+request/8, int(c.limits.Output))
	return slices.Grow(c.reply, max(n, len(c.reply), expected-len(c.reply)))
}
