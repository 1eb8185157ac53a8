package runtime

import (
	"bytes"
	"context"
	"errors"
	"math"
	"testing"

	"tabcell/runtime/internal/guest"
	"tabcell/runtime/memfile"
)

func TestTable(t *testing.T) {
	e := newEngine(t, nil)
	for _, c := range []struct {
		table [][]byte
		want  string
	}{
		{[][]byte{[]byte("schema"), nil, []byte("batch")}, "schemabatch"},
		{[][]byte{}, ""},
	} {
		r, err := e.Evaluate(context.Background(), Call{Body: []byte("T"), Table: c.table})
		if err != nil || string(r.Body) != c.want || !r.Table {
			t.Errorf("table %q returned %q, table %v, error %v; want %q", c.table, r.Body, r.Table, err, c.want)
		}
	}
	if r, err := e.Evaluate(context.Background(), Call{Body: []byte("eJSON"), Table: [][]byte{{1}}}); err != nil || r.Table || string(r.Body) != "JSON" {
		t.Errorf("a call with a table returned %q, table %v, error %v; want JSON", r.Body, r.Table, err)
	}
}

// tableSink fails when it has more than max bytes.
type tableSink struct {
	begun, max, shared int
	got                []byte
}

var errSink = errors.New("the sink is full")

func (s *tableSink) Begin() { s.begun, s.got = s.begun+1, nil }

func (s *tableSink) Write(p []byte) error {
	if s.got = append(s.got, p...); len(s.got) > s.max {
		return errSink
	}
	return nil
}

func (s *tableSink) WriteChunk(c *memfile.Chunk) error {
	defer c.Free()
	s.shared++
	return s.Write(c.ReadOnlyData())
}

func TestTableReply(t *testing.T) {
	e := newEngine(t, func(c *Config) { c.Limits.Output = 1 })
	call := Call{Body: []byte("T"), Table: [][]byte{[]byte("stream")}}
	sink := &tableSink{max: 6}
	call.TableReply = sink
	r, err := e.Evaluate(context.Background(), call)
	if err != nil || !r.Table || r.Body != nil || string(sink.got) != "stream" || sink.begun != 1 {
		t.Errorf("the sink has %q after %d calls of Begin, result %+v, error %v", sink.got, sink.begun, r, err)
	}
	call.TableReply = &tableSink{max: 5}
	if _, err := e.Evaluate(context.Background(), call); !errors.Is(err, errSink) {
		t.Errorf("a full sink: error %v, want %v", err, errSink)
	}
	call.Body = []byte("eJSON")
	if _, err := e.Evaluate(context.Background(), call); !errors.Is(err, ErrOutput) {
		t.Errorf("JSON beyond the output limit: error %v, want %v", err, ErrOutput)
	}
}

// A table is given up before the first piece of the result, and only for a result that is a table.
func TestReleaseTable(t *testing.T) {
	e := newEngine(t, nil)
	sink, released := &tableSink{max: 6}, 0
	call := Call{Body: []byte("T"), Table: [][]byte{[]byte("stream")}, TableReply: sink}
	call.ReleaseTable = func() {
		if released++; len(sink.got) > 0 {
			t.Errorf("the table was released after %q was written", sink.got)
		}
	}
	if _, err := e.Evaluate(context.Background(), call); err != nil || released != 1 {
		t.Errorf("the table was released %d times, error %v", released, err)
	}
	call.Body = []byte("eJSON")
	if _, err := e.Evaluate(context.Background(), call); err != nil || released != 1 {
		t.Errorf("a result in JSON released the table, error %v", err)
	}
}

// A call without its table cannot be repeated in another guest, so a search does not end it.
func TestReleasedTableIsNotSearchedFor(t *testing.T) {
	c := expiredCall()
	c.table, c.watched, c.releaseTable = [][]byte{{1}}, []string{"scipy"}, func() {}
	c.endTable()
	c.noteMissing([]byte("m:scipy"))
	if c.searched != "" || c.tableSize() != 0 || !c.hasTable(guest.InputTable) {
		t.Errorf("the call searched for %q and has a table of %d bytes", c.searched, c.tableSize())
	}
}

// Only a call that brought a table can have one as its result: no other caller expects one.
func TestTableWithoutRequest(t *testing.T) {
	e := newEngine(t, nil)
	if r, err := evaluate(e, "T"); !errors.Is(err, ErrCrash) || r.Body != nil {
		t.Errorf("a table without a request for one: %q, %v", r.Body, err)
	}
}

func TestTableInput(t *testing.T) {
	m, c := pageOfMemory(t), expiredCall()
	c.table = [][]byte{[]byte("ab"), []byte("cde"), []byte("f")}
	for _, test := range []struct {
		dst, size, n uint32
		want         string
	}{
		{0, 100, 6, "abcdef\x00"}, {8, 4, 4, "abcd\x00"}, {65532, 6, noResult, "\x00\x00\x00\x00"}, {65532, 4, 4, "abcd"},
		{math.MaxUint32, 1, noResult, ""}, {0, 0, 0, "abcdef"},
	} {
		if n := c.copyInput(m, guest.InputTable, test.dst, test.size); n != test.n {
			t.Errorf("copying %d bytes to %d returned %d, want %d", test.size, test.dst, int32(n), int32(test.n))
		}
		if got, _ := m.View(test.dst, uint32(len(test.want))); !bytes.Equal(got, []byte(test.want)) {
			t.Errorf("after copying %d bytes to %d, the memory has %q, want %q", test.size, test.dst, got, test.want)
		}
	}
}

// A table beyond the guest's addresses must not look absent or short.
func TestTableSizeIsBounded(t *testing.T) {
	c, piece := expiredCall(), make([]byte, 1<<20)
	for range 4097 {
		c.table = append(c.table, piece)
	}
	stack := []uint64{guest.InputTable}
	if inputSize(c, guest.Memory{}, stack); stack[0] != math.MaxInt32 {
		t.Errorf("the size of a table of 4 GiB and 1 MiB is %d, want %d", stack[0], math.MaxInt32)
	}
}
