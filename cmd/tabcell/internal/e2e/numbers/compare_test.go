package numbers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// judge says what is wrong with a value, given the gap that lists its case or nil; "" for nothing.
func judge(gap *numberGap, got, want json.RawMessage) string {
	found := differences(got, want, tolerance{rtol: rtol})
	switch {
	case gap == nil && len(found) > 0:
		return "guest and native differ: " + strings.Join(found[:min(len(found), 4)], "; ")
	case gap == nil:
		return ""
	case len(found) == 0:
		return "equal, though listed as a gap: " + gap.reason
	case gap.within == tolerance{}:
		return ""
	}
	if found = differences(got, want, gap.within); len(found) > 0 {
		return "differs by more than the gap says: " + strings.Join(found[:min(len(found), 4)], "; ")
	}
	return ""
}

// TestJudge: the comparison sees what it is there to see.
func TestJudge(t *testing.T) {
	small := &numberGap{reason: "r", within: tolerance{atol: 1e-3}}
	for _, c := range []struct {
		gap       *numberGap
		got, want string
		complaint string
	}{
		{nil, `{"float64": [1.0000000001]}`, `{"float64": [1.0]}`, ""},
		{nil, `{"float64": [1.00000001]}`, `{"float64": [1.0]}`, "differ"},
		{nil, `{"int32": [1]}`, `{"int64": [1]}`, "differ"},
		{nil, `[1]`, `[1.0]`, "differ"},
		{nil, `[3000000001]`, `[3000000000]`, "differ"},
		{nil, `[1.0, 2.0]`, `[1.0]`, "differ"},
		{nil, `{"float": "nan"}`, `{"float": "inf"}`, "differ"},
		{nil, ``, `1`, "differ"},
		{small, `1.0001`, `1.0`, ""},
		{small, `1.01`, `1.0`, "more than"},
		{small, `1.0`, `1.0`, "equal, though"},
	} {
		complaint := judge(c.gap, json.RawMessage(c.got), json.RawMessage(c.want))
		if !strings.Contains(complaint, c.complaint) || (complaint == "") != (c.complaint == "") {
			t.Errorf("%s / %s: %q, want %q", c.got, c.want, complaint, c.complaint)
		}
	}
}

// tolerance is what floating-point numbers may differ by: atol + rtol * |native|. Everything else is equal.
type tolerance struct{ rtol, atol float64 }

// equal compares integers by their digits, and numbers with a fraction or an exponent by their size.
func (o tolerance) equal(got, want json.Number) bool {
	if !isFloat(got) || !isFloat(want) {
		return got == want
	}
	g, _ := got.Float64()
	w, _ := want.Float64()
	return math.Abs(g-w) <= o.atol+o.rtol*math.Abs(w)
}

func isFloat(n json.Number) bool { return strings.ContainsAny(n.String(), ".eE") }

// differences lists where two described values differ, each as "path: guest / native".
func differences(got, want json.RawMessage, within tolerance) []string {
	var d differ
	d.within = within
	d.walk("", decode(got), decode(want))
	return d.found
}

type differ struct {
	within tolerance
	found  []string
}

func (d *differ) walk(path string, got, want any) {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok || !slices.Equal(sortedKeys(g), sortedKeys(w)) {
			d.differs(path, got, want)
			return
		}
		for k := range w {
			d.walk(path+"."+k, g[k], w[k])
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			d.differs(path, got, want)
			return
		}
		for i := range w {
			d.walk(fmt.Sprintf("%s[%d]", path, i), g[i], w[i])
		}
	case json.Number:
		if g, ok := got.(json.Number); !ok || !d.within.equal(g, w) {
			d.differs(path, got, want)
		}
	default:
		if got != want {
			d.differs(path, got, want)
		}
	}
}

func (d *differ) differs(path string, got, want any) {
	d.found = append(d.found, fmt.Sprintf("%s: %.300s / %.300s", path, fmt.Sprint(got), fmt.Sprint(want)))
}

func decode(raw json.RawMessage) (value any) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if decoder.Decode(&value) != nil {
		return nil
	}
	return value
}

func sortedKeys(m map[string]any) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
