package arrowipc

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// streams returns recorded streams.
func streams(t testing.TB) [][]byte {
	t.Helper()
	var all [][]byte
	for _, name := range []string{"in_prep.arrow", "in_second.arrow", "in_dup.arrow"} {
		b, err := os.ReadFile(filepath.Join("..", "..", "flight", "testdata", "tables", name))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b)
	}
	return all
}

// write writes a stream in pieces of n bytes.
func write(w *Writer, stream []byte, n int) error {
	for len(stream) > 0 {
		if _, err := w.Write(stream[:min(n, len(stream))]); err != nil {
			return err
		}
		stream = stream[min(n, len(stream)):]
	}
	return nil
}

// joined returns the stream of a table.
func joined(table *Table) []byte {
	pieces, _ := table.Pieces()
	return bytes.Join(pieces, nil)
}

func TestWriter(t *testing.T) {
	for _, stream := range streams(t) {
		for _, n := range []int{1, 7, len(stream)} {
			var reserved int64
			w := Writer{Reserve: func(n int64) error { reserved += n; return nil }}
			if err := write(&w, stream, n); err != nil {
				t.Fatal(err)
			}
			table, err := w.Table()
			if err != nil {
				t.Fatal(err)
			}
			got := joined(table)
			if !bytes.Equal(got, stream) || table.Size() != int64(len(stream)) {
				t.Errorf("in pieces of %d bytes: %d bytes became %d, Size is %d", n, len(stream), len(got), table.Size())
			}
			if memory := table.Memory(); reserved < memory/2 || memory < int64(len(stream))/2 {
				t.Errorf("%d bytes were reserved for %d", reserved, memory)
			}
			table.Free()
		}
	}
}

// countedChunk counts how often it was freed.
type countedChunk struct {
	Bytes
	freed *int
}

func (c countedChunk) Free() { *c.freed++ }

// A chunk becomes part of the table if it is part of one body. It is freed once in any case.
func TestWriteChunk(t *testing.T) {
	stream := streams(t)[0]
	for from := 0; from < len(stream); from += 5 {
		for _, n := range []int{0, 1, 8, 60} {
			freed, to := 0, min(from+n, len(stream))
			w := Writer{Reserve: func(int64) error { return nil }}
			err := write(&w, stream[:from], 9)
			whole := w.body >= int64(to-from) && to > from
			err = errors.Join(err, w.WriteChunk(countedChunk{stream[from:to], &freed}), write(&w, stream[to:], 9))
			table, tableErr := w.Table()
			if err != nil || tableErr != nil || !bytes.Equal(joined(table), stream) || whole == (freed == 1) {
				t.Fatalf("bytes %d to %d: freed %d times, errors %v, %v", from, to, freed, err, tableErr)
			}
			if table.Free(); freed != 1 {
				t.Fatalf("bytes %d to %d: freed %d times", from, to, freed)
			}
		}
	}
	full, freed := errors.New("full"), 0
	w := Writer{Reserve: func(n int64) error {
		if n >= 1<<20 {
			return full
		}
		return nil
	}}
	w.body = 1 << 30
	if err := w.WriteChunk(countedChunk{make([]byte, 1<<20), &freed}); !errors.Is(err, full) || freed != 1 {
		t.Errorf("without memory: freed %d times, error %v", freed, err)
	}
}

func TestWriterErrors(t *testing.T) {
	stream := streams(t)[0]
	full := errors.New("full")
	for name, c := range map[string]struct {
		stream []byte
		limit  int64
	}{
		"no prefix":     {[]byte("12345678"), 1 << 20},
		"large header":  {[]byte{255, 255, 255, 255, 0, 0, 0, 127}, 1 << 20},
		"odd header":    {[]byte{255, 255, 255, 255, 9, 0, 0, 0}, 1 << 20},
		"after the end": {append(append([]byte{}, stream...), 1), 1 << 20},
		"no memory":     {stream, 100},
		"truncated":     {stream[:len(stream)-16], 1 << 20},
		"empty":         {nil, 1 << 20},
	} {
		left := c.limit
		w := Writer{Reserve: func(n int64) error {
			if left -= n; left < 0 {
				return full
			}
			return nil
		}}
		err := write(&w, c.stream, 16)
		if err == nil {
			_, err = w.Table()
		}
		if err == nil || name == "no memory" && !errors.Is(err, full) {
			t.Errorf("%s: error %v", name, err)
		}
		w.Free()
	}
}

// FuzzStream splits streams, and reads what was split once more.
func FuzzStream(f *testing.F) {
	for _, stream := range streams(f) {
		f.Add(stream, 16)
	}
	f.Fuzz(func(t *testing.T, stream []byte, n int) {
		const limit = 1 << 20
		var reserved int64
		w := Writer{Reserve: func(n int64) error {
			if reserved += n; reserved > limit {
				return errors.New("full")
			}
			return nil
		}}
		defer w.Free()
		if write(&w, stream, max(1, n)) != nil {
			return
		}
		table, err := w.Table()
		if err != nil {
			return
		}
		defer table.Free()
		again := Writer{Reserve: func(int64) error { return nil }}
		defer again.Free()
		if err := write(&again, joined(table), 1<<20); err != nil {
			t.Errorf("the split stream is invalid: %v", err)
		}
		for _, m := range table.Messages {
			if _, err := NewMessage(m.Header, m.Body); err != nil {
				t.Errorf("a split message is invalid: %v", err)
			}
		}
	})
}
