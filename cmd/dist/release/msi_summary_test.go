package main

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"time"
)

// summary returns a summary as wixl writes it, with a code and a time.
func summary(code string, at uint64) []byte {
	le := binary.LittleEndian
	values := [][]byte{append(le.AppendUint32(le.AppendUint32(nil, typeString), uint32(len(code)+1)), code+"\x00\x00"...)}
	for range 2 {
		values = append(values, le.AppendUint64(le.AppendUint32(nil, typeTime), at))
	}
	table, data := []byte{}, []byte{}
	for i, id := range []uint32{packageCode, created, saved} {
		table = le.AppendUint32(le.AppendUint32(table, id), uint32(8+3*8+len(data)))
		data = append(data, values[i]...)
	}
	section := append(le.AppendUint32(le.AppendUint32(nil, uint32(8+len(table)+len(data))), 3), append(table, data...)...)
	header := append(make([]byte, summaryHeader), summaryID...)
	return append(append([]byte("other streams"), le.AppendUint32(header, sectionOffset+4)...), section...)
}

func TestFixSummary(t *testing.T) {
	modified := time.Unix(1_796_000_000, 0)
	first, second := summary("{06F916D5-5BEA-4133-ABF1-7506BC52B3AC}", 1), summary("{16F916D5-5BEA-4133-ABF1-7506BC52B3AC}", 2)
	code := msiCode("package", "1.2.3")
	for _, content := range [][]byte{first, second} {
		if err := fixSummary(content, code, modified); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first, second) || !bytes.Contains(first, []byte("{"+code+"}")) {
		t.Errorf("two packages differ, or do not have the code %s: %q", code, first)
	}
	if want := summary("{"+code+"}", 134404736000000000); !bytes.Equal(first, want) {
		t.Errorf("got %q, want %q", first, want)
	}
}

// A damaged package gives an error, and no panic.
func TestFixSummaryOfDamagedPackages(t *testing.T) {
	whole := summary("{06F916D5-5BEA-4133-ABF1-7506BC52B3AC}", 1)
	for n := range len(whole) - 12 {
		if err := fixSummary(bytes.Clone(whole[:n]), msiCode("package", ""), time.Time{}); err == nil {
			t.Errorf("the first %d of %d bytes are a summary", n, len(whole))
		}
	}
	for i := range whole {
		damaged := bytes.Clone(whole)
		damaged[i] ^= 0xff
		_ = fixSummary(damaged, msiCode("package", ""), time.Time{})
	}
	if err := fixSummary(summary(strings.Repeat("x", 38), 1), msiCode("package", ""), time.Time{}); err == nil {
		t.Error("a text was replaced that is no code")
	}
}

func TestMSICode(t *testing.T) {
	a, b := msiCode("product", "1.2.3"), msiCode("product", "1.2.3-rc.1")
	if a == b || a == msiCode("package", "1.2.3") || a != msiCode("product", "1.2.3") || a != strings.ToUpper(a) {
		t.Errorf("codes %s and %s", a, b)
	}
}
