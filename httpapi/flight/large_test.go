package flight

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"testing"

	"google.golang.org/grpc/codes"

	"tabcell/httpapi"
	"tabcell/runtime/memfile"
)

// TestLargeTables puts, evaluates and gets tables whose bodies are in files.
func TestLargeTables(t *testing.T) {
	s := newServer(t, nil)
	for _, sizes := range [][]int{{memfile.MinSize}, {memfile.MinSize - 8}, {5 << 20}, {3<<20 + 8, 104, 2 << 20, 1<<20 + 16}} {
		table := largeTable(t, sizes...)
		s.mustPut("p", table)
		if used, bytes := s.api.BufferedBytes(), int64(sizes[0]); used < bytes {
			t.Errorf("%d bytes are reserved for a table of %d", used, bytes)
		}
		status, body := s.evaluate("return _arg1", "p")
		var out struct{ OutputDataPath string }
		if err := json.Unmarshal([]byte(body), &out); status != 200 || err != nil {
			t.Fatalf("status %d: %s", status, body)
		}
		got, err := get(t.Context(), s.client, ticketOf(out.OutputDataPath))
		if err != nil || !equalTables(got, table) {
			t.Errorf("bodies of %v bytes: the table has changed, error %v", sizes, err)
		}
		memoryBack(t, s)
		filesBack(t)
	}
}

// filesBack waits until no file has a table.
func filesBack(t testing.TB) {
	t.Helper()
	eventually(t, "files of tables", func() bool { return memfile.Count() == 0 })
}

// Large bodies must be given up however a table ends.
func TestLargeTablesEnd(t *testing.T) {
	s := newServer(t, func(cfg *httpapi.Config, _ *httpapi.Deps) { cfg.MaxTableBytes = 16 << 20 })
	s.engine.On("fail", failingScript)
	table := largeTable(t, 2<<20, 3<<20)
	s.mustPut("p", table)
	s.mustPut("p", table[:2]) // in place of the other
	if n := memfile.Count(); n > 1 {
		t.Errorf("%d files after one table has replaced another", n)
	}
	if status, _ := s.evaluate("fail", "p"); status == 200 {
		t.Error("the script did not fail")
	}
	filesBack(t)
	s.mustPut("p", table)
	if _, err := action(t, s, "clear"); err != nil {
		t.Error(err)
	}
	filesBack(t)
	table[2].Body = table[2].Body[8:]
	wantStatus(t, put(t.Context(), s.client, path("p"), table), codes.InvalidArgument, "but its header announces")
	filesBack(t)
	memoryBack(t, s)
}

// frameHeader returns the prefix of gRPC for a message of n bytes.
func frameHeader(n int) []byte {
	return []byte{0, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
}

// The memory of a body is reserved and allocated as it arrives.
func TestLyingBody(t *testing.T) {
	if c, err := memfile.New(1, 0); err != nil {
		t.Skip(err)
	} else {
		c.Free()
	}
	s := newServer(t, nil)
	reader, writer := io.Pipe()
	go func() {
		const announced = 64 << 20
		content := append([]byte{0xc2, 0x3e}, binary.AppendUvarint(nil, announced)...)
		frame := frameHeader(len(content) + announced)
		_, _ = writer.Write(append(frame, content...))
		_, _ = writer.Write(make([]byte, 1000))
		eventually(t, "no file", func() bool { return memfile.Count() == 1 })
		if used := s.api.BufferedBytes(); used > 2*reserveStep {
			t.Errorf("%d bytes are reserved for 1000", used)
		}
		_ = writer.Close()
	}()
	if got := raw(t, s, "DoPut", reader); got != "3" {
		t.Errorf("got the status %q", got)
	}
	filesBack(t)
	memoryBack(t, s)
}
