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

// compareCase returns a description of the difference between two results, or "" if there is none
// or the gap permits it. gap is the gap that lists the case, or nil. Without a gap, floating-point
// numbers may differ by within.
func compareCase(gap *gap, within tolerance, got, want json.RawMessage) string {
	found := differences(got, want, within)
	switch {
	case gap == nil && len(found) > 0:
		return "guest and native differ: " + strings.Join(found[:min(len(found), 4)], "; ")
	case gap == nil:
		return ""
	case len(found) == 0:
		return "equal, although listed as a gap: " + gap.reason
	case gap.within == tolerance{}:
		return ""
	}
	if found = differences(got, want, gap.within); len(found) > 0 {
		return "the difference exceeds the tolerance of the gap: " + strings.Join(found[:min(len(found), 4)], "; ")
	}
	return ""
}

func TestCompareCase(t *testing.T) {
	small := &gap{reason: "r", within: tolerance{atol: 1e-3}}
	for _, c := range []struct {
		gap       *gap
		got, want string
		problem   string // part of the description
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
		{small, `1.01`, `1.0`, "exceeds"},
		{small, `1.0`, `1.0`, "equal, although"},
	} {
		problem := compareCase(c.gap, tolerance{rtol: rtol}, json.RawMessage(c.got), json.RawMessage(c.want))
		if !strings.Contains(problem, c.problem) || (problem == "") != (c.problem == "") {
			t.Errorf("%s / %s: %q, want %q", c.got, c.want, problem, c.problem)
		}
	}
}

// tolerance permits floating-point numbers to differ by atol + rtol * |native|. It does not apply
// to other values.
type tolerance struct{ rtol, atol float64 }

// equal compares integers exactly, and numbers with a fraction or an exponent within the tolerance.
// Without a tolerance, -0.0 and 0.0 differ.
func (o tolerance) equal(got, want json.Number) bool {
	if !isFloat(got) || !isFloat(want) {
		return got == want
	}
	g, _ := got.Float64()
	w, _ := want.Float64()
	if o == (tolerance{}) {
		return math.Float64bits(g) == math.Float64bits(w)
	}
	return math.Abs(g-w) <= o.atol+o.rtol*math.Abs(w)
}

func isFloat(n json.Number) bool { return strings.ContainsAny(n.String(), ".eE") }

// differences returns the places in which two results differ, each as "path: guest / native".
func differences(got, want json.RawMessage, within tolerance) []string {
	d := comparer{within: within}
	d.walk("", decode(got), decode(want))
	return d.found
}

// comparer collects the differences between two results.
type comparer struct {
	within tolerance
	found  []string
}

func (d *comparer) walk(path string, got, want any) {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok || !slices.Equal(sortedKeys(g), sortedKeys(w)) {
			d.add(path, got, want)
			return
		}
		for k := range w {
			d.walk(path+"."+k, g[k], w[k])
		}
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			d.add(path, got, want)
			return
		}
		for i := range w {
			d.walk(fmt.Sprintf("%s[%d]", path, i), g[i], w[i])
		}
	case json.Number:
		if g, ok := got.(json.Number); !ok || !d.within.equal(g, w) {
			d.add(path, got, want)
		}
	default:
		if got != want {
			d.add(path, got, want)
		}
	}
}

func (d *comparer) add(path string, got, want any) {
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
