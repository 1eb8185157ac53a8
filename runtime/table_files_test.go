package runtime

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"tabcell/runtime/internal/guest"
	"tabcell/runtime/memfile"
)

// fakeCell is a cellMemory that maps a chunk by copying it.
type fakeCell struct {
	guest.Memory
	refuse bool
	err    error
	mapped *memfile.Chunk
	at     uint64
	filled uint64
}

func (c *fakeCell) Fill(from, to uint64) { c.filled += to - from }

func (c *fakeCell) Map(at uint64, chunk *memfile.Chunk) (bool, error) {
	if c.refuse || c.err != nil {
		return false, c.err
	}
	c.mapped, c.at = chunk.Retain(), at
	mem, ok := c.View(0, guestPage)
	copy(mem[at:], chunk.ReadOnlyData())
	return ok, nil
}

func (c *fakeCell) Origin(from, to uint64) *memfile.Chunk {
	if c.mapped == nil || from < c.at || to > c.at+uint64(len(c.mapped.ReadOnlyData())) {
		return nil
	}
	return c.mapped.Slice(int(from-c.at), int(to-c.at))
}

// guestPage is the size of the memory of a fakeCell.
const guestPage = 65536

// view returns the bytes at an address.
func (c *fakeCell) view(at, n int) []byte {
	mem, _ := c.View(0, guestPage)
	return mem[at : at+n]
}

// fileCall returns a call with a table of three pieces, the second of which is in a file, and the
// bytes of the table.
func fileCall(t *testing.T, cell *fakeCell) (*call, []byte) {
	t.Helper()
	chunk, err := memfile.New(40_000, 5)
	if errors.Is(err, memfile.ErrUnavailable) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	for i := range chunk.ReadOnlyData() {
		chunk.ReadOnlyData()[i] = byte(i / 7)
	}
	c := expiredCall()
	c.table, c.tableFiles = [][]byte{[]byte("head"), chunk.ReadOnlyData(), []byte("end")}, map[int]*memfile.Chunk{1: chunk}
	want := bytes.Join(c.table, nil)
	cell.Memory, c.cell = pageOfMemory(t), cell
	t.Cleanup(func() {
		chunk.Free()
		if cell.mapped != nil {
			cell.mapped.Free()
		}
		if n := memfile.Count(); n != 0 {
			t.Errorf("%d files are in use", n)
		}
	})
	return c, want
}

// The cell maps a piece of a table that is in a file, after it was moved to the offset in a page that
// the cell's memory has. The next table is expected at the same place.
func TestTableFiles(t *testing.T) {
	cell := &fakeCell{}
	c, want := fileCall(t, cell)
	if n := c.copyInput(cell.Memory, guest.InputTable, 1000, 60_000); int(n) != len(want) {
		t.Fatalf("copying returned %d, want %d", n, len(want))
	}
	if got := cell.view(1000, len(want)); !bytes.Equal(got, want) || !bytes.Equal(bytes.Join(c.table, nil), want) {
		t.Error("the memory does not have the table, or its pieces have changed")
	}
	if _, offset := c.tableFiles[1].Location(); cell.at != 1004 || offset != 1004 || cell.filled != 0 || memfile.Expected() != 1000 {
		t.Errorf("mapped at %d from %d, %d bytes announced, expected offset %d", cell.at, offset, cell.filled, memfile.Expected())
	}
}

// A piece that cannot be mapped, or not as a whole, is copied.
func TestTableFilesAreCopied(t *testing.T) {
	for _, room := range []int{60_000, 40_003, 40_004, 100} {
		t.Run(fmt.Sprint(room), func(t *testing.T) {
			cell := &fakeCell{refuse: room == 60_000}
			c, want := fileCall(t, cell)
			want = want[:min(len(want), room)]
			stack := []uint64{guest.InputTable, 1000, uint64(room)}
			inputRead(c, cell.Memory, stack)
			if n := int(stack[0]); n != len(want) || !bytes.Equal(cell.view(1000, n), want) {
				t.Errorf("%d bytes were copied, or they have changed", stack[0])
			}
			if mapped := cell.mapped != nil; mapped != (room == 40_004) {
				t.Errorf("the piece was mapped: %v", mapped)
			}
		})
	}
}

// A cell whose memory may have a hole must not run any further.
func TestFailedMap(t *testing.T) {
	cell := &fakeCell{err: errors.New("no mapping")}
	c, _ := fileCall(t, cell)
	defer func() {
		if s, ok := recover().(*stop); !ok || !errors.Is(s, ErrCrash) {
			t.Errorf("the guest was stopped with %v", s)
		}
	}()
	c.copyInput(cell.Memory, guest.InputTable, 1000, 60_000)
	t.Error("the guest goes on")
}

// A large piece of a result that is still in the table is not copied.
func TestSharedReply(t *testing.T) {
	cell := &fakeCell{}
	c, _ := fileCall(t, cell)
	sink := &tableSink{max: 1 << 20}
	c.tableReply, c.kind = sink, kindTable
	c.releaseTable = func() {}
	large := make([]byte, minShared)
	copy(large, "large")
	origin, err := memfile.New(len(large), 0)
	if err != nil {
		t.Fatal(err)
	}
	copy(origin.ReadOnlyData(), large)
	cell.mapped, cell.at = origin, 100
	c.writeTable(100, large)
	c.writeTable(100, large[:minShared-1])
	c.writeTable(101, large)
	if sink.shared != 1 || len(sink.got) != 3*minShared-1 || c.tableFiles != nil {
		t.Errorf("%d pieces of %d bytes are shared; the call has the files %v", sink.shared, len(sink.got), c.tableFiles)
	}
	sink.max = 0
	defer func() {
		if s, ok := recover().(*stop); !ok || !errors.Is(s, errSink) {
			t.Errorf("the guest was stopped with %v", s)
		}
	}()
	c.writeTable(100, large)
}
