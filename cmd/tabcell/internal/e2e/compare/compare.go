// Package compare compares results of the guest with those of a native Python, in the form that
// described.py defines.
package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Case returns a description of the difference between two results, or "" if there is none or the
// gap permits it. gap is the gap that lists the case, or nil. Without a gap, floating-point
// numbers may differ by within.
func Case(gap *Gap, within Tolerance, got, want json.RawMessage) string {
	found := Differences(got, want, within)
	switch {
	case gap == nil && len(found) > 0:
		return "guest and native differ: " + strings.Join(found[:min(len(found), 4)], "; ")
	case gap == nil:
		return ""
	case len(found) == 0:
		return "equal, although listed as a gap: " + gap.Reason
	case gap.Within == Tolerance{}:
		return ""
	}
	if found = Differences(got, want, gap.Within); len(found) > 0 {
		return "the difference exceeds the tolerance of the gap: " + strings.Join(found[:min(len(found), 4)], "; ")
	}
	return ""
}

// Tolerance permits floating-point numbers to differ by ATol + RTol * |native|. It does not apply
// to other values.
type Tolerance struct{ RTol, ATol float64 }

// equal compares integers exactly, and numbers with a fraction or an exponent within the tolerance.
// Without a Tolerance, -0.0 and 0.0 differ.
func (o Tolerance) equal(got, want json.Number) bool {
	if !isFloat(got) || !isFloat(want) {
		return got == want
	}
	g, _ := got.Float64()
	w, _ := want.Float64()
	if o == (Tolerance{}) {
		return math.Float64bits(g) == math.Float64bits(w)
	}
	return math.Abs(g-w) <= o.ATol+o.RTol*math.Abs(w)
}

func isFloat(n json.Number) bool { return strings.ContainsAny(n.String(), ".eE") }

// Differences returns the places in which two results differ, each as "path: guest / native".
func Differences(got, want json.RawMessage, within Tolerance) []string {
	d := comparer{within: within}
	d.walk("", decode(got), decode(want))
	return d.found
}

// comparer collects the differences between two results.
type comparer struct {
	within Tolerance
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
