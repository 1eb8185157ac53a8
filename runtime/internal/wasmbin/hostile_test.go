package wasmbin

import (
	goruntime "runtime"
	"strings"
	"testing"
)

// manyFeatures returns a module that uses many features.
func manyFeatures() []byte {
	b := &builder{}
	b.importFunc("tabcell", "tick", b.typ("", ""))
	buildState(b)
	buildSignatures(b)
	buildControl(b)
	b.export("lanes", KindFunc, b.function(b.typ(i32, i32), 0, constant(16), op(opVector, 0x00, 4, 0, opVector, 0x1b, 1)))
	return b.bytes()
}

func TestTruncatedModules(t *testing.T) {
	bin := manyFeatures()
	for n := range bin {
		if p, err := Prepare(bin[:n], Options{MaxPages: 10}); err == nil && n > len(header) && len(p.Data) == 3 {
			t.Errorf("Prepare accepted the first %d of %d bytes", n, len(bin))
		}
		Inspect(bin[:n])
	}
	prepareOrFail(t, bin, Options{})
}

// TestDamagedModules sets each byte to several values. Every result except a panic is correct.
func TestDamagedModules(t *testing.T) {
	bin := manyFeatures()
	rejected := 0
	for i, original := range bin {
		for _, v := range []byte{0, 1, 0x0b, 0x11, 0x7f, 0x80, 0xff, original + 1, original - 1} {
			bin[i] = v
			if _, err := Prepare(bin, Options{MaxPages: 10, Fuel: 1, TickModule: "tabcell", TickName: "tick"}); err != nil {
				rejected++
			}
			Inspect(bin)
		}
		bin[i] = original
	}
	if rejected < len(bin) {
		t.Errorf("%d changed modules of %d bytes were rejected, want more", rejected, len(bin))
	}
}

// TestHugeCounts declares four billion items of each kind. The decoder must not allocate memory for
// them.
func TestHugeCounts(t *testing.T) {
	const many = "\xff\xff\xff\xff\x0f"
	signature := "\x01\x04\x01\x60\x00\x00"
	one := signature + "\x03\x02\x01\x00" // one type and one function
	for name, sections := range map[string]string{
		"types":     "\x01\x05" + many,
		"params":    "\x01\x09\x01\x60" + many + "\x00\x00",
		"results":   "\x01\x09\x01\x60\x00" + many + "\x00",
		"imports":   "\x02\x05" + many,
		"name":      "\x02\x09\x01" + many + "abc",
		"functions": signature + "\x03\x05" + many,
		"tables":    "\x04\x05" + many,
		"memories":  "\x05\x05" + many,
		"globals":   "\x06\x05" + many,
		"exports":   "\x07\x05" + many,
		"segments":  "\x09\x05" + many,
		"elements":  "\x04\x08\x01\x70\x00" + many + "\x09\x0a\x01\x00\x41\x00\x0b" + many,
		"bodies":    one + "\x0a\x05" + many,
		"body":      one + "\x0a\x06\x01" + many,
		"locals":    one + "\x0a\x08\x01\x06" + many + "\x0b",
		"labels":    one + "\x0a\x0d\x01\x0b\x00\x41\x00\x0e" + many + "\x00\x0b",
		"data":      "\x05\x03\x01\x00\x01\x0b\x0a\x01\x00\x41\x00\x0b" + many,
		"section":   "\x01" + many,
	} {
		t.Run(name, func(t *testing.T) {
			before := allocated()
			wantError(t, []byte(header+sections), Options{MaxPages: 10}, "")
			if used := allocated() - before; used > 100_000 {
				t.Errorf("Prepare allocated %d bytes", used)
			}
		})
	}
}

func allocated() uint64 {
	var m goruntime.MemStats
	goruntime.ReadMemStats(&m)
	return m.TotalAlloc
}

func TestMalformedSections(t *testing.T) {
	for want, sections := range map[string]string{
		"function section is out of order": "\x03\x01\x00\x03\x01\x00",
		"type section is out of order":     "\x03\x01\x00\x01\x01\x00",
		"unknown section 14":               "\x0e\x00",
		"tag section":                      "\x0d\x03\x01\x00\x00",
		"1 unexpected bytes":               "\x01\x02\x00\x00",
		"3 data segments are declared":     "\x0c\x01\x03",
		"a name is not UTF-8":              "\x02\x06\x01\x01\xff\x00\x00\x00",
		"bytes expected, 0 left":           "\x01\x01",
		"unexpected end":                   "\x01",
	} {
		wantError(t, []byte(header+sections), Options{}, want)
	}
	for _, bin := range []string{"", "\x00asm", header[:7], "\x00asm\x02\x00\x00\x00", strings.ToUpper(header), "\x00asm\x0d\x00\x01\x00"} {
		wantError(t, []byte(bin), Options{}, "not a WebAssembly module")
	}
	between := "\x01\x01\x00" + "\x00\x02\x01n" + "\x00\x02\x01n" + "\x0a\x01\x00" + "\x0b\x01\x00"
	prepareOrFail(t, []byte(header+between), Options{})
}

// TestTrailingBytes adds a byte after the last item of each section that is decoded late.
func TestTrailingBytes(t *testing.T) {
	for _, section := range []string{"\x0a\x02\x00\x00", "\x0b\x02\x00\x00", "\x09\x02\x00\x00"} {
		wantError(t, []byte(header+section), Options{}, "1 unexpected bytes")
	}
}
