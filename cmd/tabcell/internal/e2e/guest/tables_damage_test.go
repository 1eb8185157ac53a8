package guest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// TestDamagedTables sends streams that are not valid, and compares the errors.
func TestDamagedTables(t *testing.T) {
	e, whole := harness.Core(t), readTable(t, "type-00.arrow")
	notes := func(old, new string) []byte {
		return bytes.ReplaceAll(readTable(t, "pandas.arrow"), []byte(old), []byte(new))
	}
	for name, c := range map[string]struct {
		table []byte
		want  string
	}{
		"nothing":            {nil, "the table does not begin with a schema"},
		"text":               {[]byte("a,b\n1,2\n"), "the metadata of a message have"},
		"no schema":          {stream(batchMessage), "the table does not begin with a schema"},
		"two schemas":        {append(messages(t, whole)[0], messages(t, whole)[0]...), "the schema changes after batch 0"},
		"big-endian":         {stream(schemaMessage(1, 1)), "the table is big-endian"},
		"a million columns":  {stream(schemaMessage(0, 1_000_000)), "the table has more than 32768 columns; a cell reads at most 32768"},
		"another's batch":    {append(messages(t, readTable(t, "wide.arrow"))[0], messages(t, whole)[1]...), "a buffer is too short (3, and 24 are needed)"},
		"fewer rows":         {append(messages(t, whole)[0], bytes.Replace(messages(t, whole)[1], []byte{3, 0, 0, 0, 0, 0, 0, 0}, []byte{2, 0, 0, 0, 0, 0, 0, 0}, 1)...), "a batch of 2 rows has a column of 3 values"},
		"more arrays":        {append(messages(t, whole)[0], messages(t, readTable(t, "wide.arrow"))[1]...), "its columns need"},
		"fewer arrays":       {append(stream(schemaMessage(0, 5)), stream(batchMessage)...), "batch 1 has only 0 arrays, fewer than its columns need"},
		"lz4":                {readTable(t, "compressed-lz4.arrow"), "batch 1 is compressed (lz4), which a cell does not read; send the table with IpcWriteOptions(compression=None)"},
		"zstd":               {readTable(t, "compressed-zstd.arrow"), "batch 1 is compressed (zstd)"},
		"a short body":       {messages(t, whole)[0:1][0], ""},
		"a body that is cut": {whole[:len(whole)-100], "but the stream ends after"},
		"notes, no types":    {notes(`"numpy_type"`, `"numpy_typo"`), "pandas' notes in the schema are damaged (KeyError: 'numpy_type')"},
		"notes, no names":    {notes(`"name"`, `"mane"`), "pandas' notes in the schema are damaged (KeyError: 'name')"},
		"an unknown mark":    {slices.Concat(messages(t, whole)[0], []byte{1, 2}), "the stream ends in the length of a message"},
	} {
		_, err := evaluateTable(t, e, "return None", c.table)
		failed, _ := errors.AsType[*runtime.ScriptError](err)
		switch {
		case c.want == "" && err == nil:
		case failed == nil || failed.Class != "ArrowInvalid" || !strings.Contains(failed.Text, c.want):
			t.Errorf("%s: %v, want ArrowInvalid : ... %s", name, err, c.want)
		}
	}
}

// TestTruncatedTables cuts streams at every eighth byte. A cell must report each and not crash.
func TestTruncatedTables(t *testing.T) {
	e := harness.Core(t)
	for _, name := range []string{"type-13.arrow", "dictionary-delta.arrow"} {
		whole := readTable(t, name)
		for n := 0; n < len(whole); n += 8 {
			_, err := evaluateTable(t, e, "return _arg1", whole[:n])
			if failed, ok := errors.AsType[*runtime.ScriptError](err); err != nil && (!ok || failed.Class != "ArrowInvalid") {
				t.Errorf("%s, the first %d bytes: %v", name, n, err)
			}
		}
	}
}

// messages returns the messages of a valid stream, with their framing.
func messages(t testing.TB, stream []byte) (all [][]byte) {
	t.Helper()
	starts := []int{}
	for i := 0; i+8 <= len(stream); i += 8 {
		// a mark and a plausible length; the bodies of the test's streams have no such bytes
		if n := binary.LittleEndian.Uint32(stream[i+4:]); binary.LittleEndian.Uint32(stream[i:]) == 0xffffffff && n < 1<<20 {
			starts = append(starts, i)
		}
	}
	for i, start := range starts {
		end := len(stream)
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		all = append(all, slices.Clone(stream[start:end]))
	}
	if len(all) < 2 {
		t.Fatalf("a stream of %d bytes has %d messages", len(stream), len(all))
	}
	return all
}

// stream returns a stream of one message without a body.
func stream(metadata []byte) []byte {
	b := append([]byte{0xff, 0xff, 0xff, 0xff}, binary.LittleEndian.AppendUint32(nil, uint32(len(metadata)))...)
	return append(b, metadata...)
}

// batchMessage is a Message whose header is an empty RecordBatch.
var batchMessage = message(3, []byte{4, 0, 4, 0, 4, 0, 0, 0})

// message returns a Message of version 5. header is a vtable of two entries, followed by its table
// and the rest of the buffer.
func message(kind byte, header []byte) []byte {
	b := []byte{
		16, 0, 0, 0, // the position of the root table
		10, 0, 12, 0, 4, 0, 6, 0, 8, 0, 0, 0, // its vtable: version, kind, header
		12, 0, 0, 0, 4, 0, kind, 0, // the table
		0, 0, 0, 0, // the distance to the header
	}
	binary.LittleEndian.PutUint32(b[24:], uint32(4+binary.LittleEndian.Uint16(header)))
	return append(b, header...)
}

// schemaMessage returns a Message with a Schema whose columns are all the same field of the type
// null.
func schemaMessage(endianness byte, columns int) []byte {
	header := []byte{8, 0, 12, 0, 4, 0, 8, 0} // the vtable: endianness, fields
	header = append(header, 8, 0, 0, 0, endianness, 0, 0, 0, 4, 0, 0, 0)
	header = binary.LittleEndian.AppendUint32(header, uint32(columns))
	field := len(header) + 4*columns + 12
	for range columns {
		header = binary.LittleEndian.AppendUint32(header, uint32(field-len(header)))
	}
	// the vtable of the field: name, nullable, type_type, type
	header = append(header, 12, 0, 12, 0, 0, 0, 0, 0, 4, 0, 8, 0)
	header = append(header, 12, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0) // the field
	return message(1, append(header, 4, 0, 4, 0, 4, 0, 0, 0))    // an empty table is the type
}

// FuzzTables sends damaged streams to a script that returns its table.
func FuzzTables(f *testing.F) {
	seeds, err := filepath.Glob(filepath.Join("testdata", "tables", "*.arrow"))
	if err != nil || len(seeds) < 50 {
		f.Fatalf("there are %d seeds, error %v", len(seeds), err)
	}
	for _, seed := range seeds {
		b, err := os.ReadFile(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	e := harness.Core(f)
	f.Fuzz(func(t *testing.T, table []byte) {
		_, err := evaluateTable(t, e, "return _arg1", table)
		failed, ok := errors.AsType[*runtime.ScriptError](err)
		if err == nil || errors.Is(err, runtime.ErrMemory) || errors.Is(err, runtime.ErrTimeout) || errors.Is(err, runtime.ErrOutput) {
			return
		}
		if !ok || slices.Contains([]string{"SystemError", "AssertionError", "AttributeError", "IndexError", "KeyError"}, failed.Class) {
			t.Errorf("%v", err)
		}
	})
}
