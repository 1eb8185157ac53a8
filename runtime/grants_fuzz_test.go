package runtime

import (
	"context"
	"encoding/binary"
	"math"
	"strings"
	"testing"
	"time"

	"tabcell/runtime/internal/egress"
	"tabcell/runtime/internal/grant"
	"tabcell/runtime/internal/guest"
)

// FuzzGrantFuncs calls host functions of grants one after the other, with arguments from the input:
// numbers, pointers and handles that are open. Each operation ends with the call, and nothing stays
// open.
func FuzzGrantFuncs(f *testing.F) {
	server := newGrantServer(f)
	g, _ := folderGrants(f)
	g.List = append(g.List, server.grants(f).List...)
	f.Add([]byte("\x01\x00\x09\x02\x10\x03\x04\x00\x05\x01"), "127.0.0.1/srv/models/a.txt")
	f.Add([]byte("\x03\x01\x01\x01\x01\x01\x04\x02\x02\x02\x02\x02\x07\x04\x02\x02\x02\x02"), "localhost")
	f.Add([]byte("\x0a\x00\x04\x05\x06\x02\x0b\x00\x04\x05\x06\x02\x0c\x09\x02\x02\x00\x00\x0d\x00\x04\x02\x02\x00\x0e\x09\x00\x00\x00\x00"), "/srv")
	m := pageOfMemory(f)
	funcs := grantFuncs()
	f.Fuzz(func(t *testing.T, program []byte, text string) {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		limits := DefaultLimits()
		limits.Grace = time.Nanosecond
		c := newCall(ctx, Call{Grants: g}, limits, guest.Interruption{})
		c.grants.network = egress.New(grant.Limits{}.WithDefaults(1, 1<<20))
		m.Put(0, []byte(text)[:min(len(text), 4096)])
		values := openHandles(t, c, server, text)
		begun := time.Now()
		for len(program) >= 6 && ctx.Err() == nil {
			stack := make([]uint64, 9)
			for i := range 5 {
				stack[i] = values[int(program[i+1])%len(values)]
			}
			callHostFunc(t, funcs[int(program[0])%len(funcs)].call, c, m, stack)
			program = program[6:]
		}
		c.endGrants()
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("the call took %v", took)
		}
		if n := c.grants.network.Open(); n != 0 {
			t.Errorf("%d connections are open", n)
		}
	})
}

// openHandles opens a connection and a file, and returns arguments for host functions.
func openHandles(t *testing.T, c *call, server *grantServer, text string) []uint64 {
	connection := openConnection(t, c, server)
	file, err := c.hostFiles().Open("/srv/models/a.txt")
	if err != nil && err.Code != grant.Interrupted {
		t.Fatal(err)
	}
	return []uint64{
		0, uint64(uint32(connection)), uint64(uint32(file)), 80, uint64(len(text)), 1, 16, 512, 4096, 65535, 65536,
		math.MaxUint32, math.MaxUint64, 2, 443, uint64(max(0, strings.IndexByte(text, '/'))),
	}
}

// TestPollEntries checks the layout of net_poll's entries.
func TestPollEntries(t *testing.T) {
	server, m := newGrantServer(t), pageOfMemory(t)
	c := newCall(t.Context(), Call{Grants: server.grants(t)}, DefaultLimits(), guest.Interruption{})
	c.grants.network = egress.New(grant.Limits{}.WithDefaults(1, 1<<20))
	defer c.endGrants()
	handle := openConnection(t, c, server)
	entries := binary.LittleEndian.AppendUint32(nil, uint32(handle))
	entries = binary.LittleEndian.AppendUint32(entries, egress.PollRead|egress.PollWrite)
	entries = binary.LittleEndian.AppendUint32(entries, 99)
	entries = append(append(entries, 0xff, 0xff, 0xff, 0x7f), make([]byte, 8)...)
	m.Put(0, entries)
	n, err := netPoll(c, m, []uint32{0, 2, math.MaxUint32})
	first, _ := m.Uint32(8)
	second, _ := m.Uint32(20)
	if n != 2 || err != nil || first != egress.PollWrite || second != egress.PollInvalid {
		t.Errorf("poll returned %d, %v, events %d and %d", n, err, first, second)
	}
	for _, args := range [][]uint32{{65530, 1, 0}, {0, maxPoll + 1, 0}, {math.MaxUint32, 1, 0}} {
		if _, err := netPoll(c, m, args); err == nil || err.Code != grant.Invalid {
			t.Errorf("%v: %v", args, err)
		}
	}
}

// openConnection connects a call to the server.
func openConnection(t *testing.T, c *call, server *grantServer) int32 {
	t.Helper()
	target, err := ParseGrantTarget("tcp://127.0.0.1:" + server.port)
	if err != nil {
		t.Fatal(err)
	}
	handle, failed := c.session().Connect("127.0.0.1", target.Port, egress.Forever)
	if failed != nil && failed.Code != grant.Interrupted {
		t.Fatal(failed)
	}
	return handle
}
