package guest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/runtime"
)

// evaluateChart runs a script in the full guest, fails the test if it prints anything, and stores
// its result in result.
func evaluateChart(t *testing.T, script string, result any) {
	t.Helper()
	r, err := harness.Full(t).Evaluate(t.Context(), runtime.Call{Body: harness.ScriptRequest(script, "{}")})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Output) > 0 {
		t.Errorf("output %q", r.Output)
	}
	if err := json.Unmarshal(r.Body, result); err != nil {
		t.Fatal(err)
	}
}

// TestChartAsPNG decodes the image that a script returns as base64, and looks at the pixels of its
// bars.
func TestChartAsPNG(t *testing.T) {
	var text string
	evaluateChart(t, `import base64, io
import matplotlib.pyplot as plt
fig = plt.figure(figsize=(3, 2), dpi=100)
ax = fig.add_axes([0, 0, 1, 1])
ax.set_axis_off()
ax.bar([0, 1, 2], [1, 2, 4], width=1, color=['red', '#00ff00', 'b'])
ax.set_xlim(-0.5, 2.5)
ax.set_ylim(0, 4)
out = io.BytesIO()
plt.savefig(out, format='png')
plt.show()
return base64.b64encode(out.getvalue()).decode()`, &text)
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	chart, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if got := chart.Bounds(); got != image.Rect(0, 0, 300, 200) {
		t.Fatalf("bounds %v, want 300 x 200", got)
	}
	for _, p := range []struct {
		x, y int
		want color.NRGBA
	}{
		{50, 190, color.NRGBA{255, 0, 0, 255}},
		{150, 110, color.NRGBA{0, 255, 0, 255}},
		{250, 10, color.NRGBA{0, 0, 255, 255}},
		{50, 10, color.NRGBA{255, 255, 255, 255}},
		{150, 90, color.NRGBA{255, 255, 255, 255}},
	} {
		if got := color.NRGBAModel.Convert(chart.At(p.x, p.y)); got != p.want {
			t.Errorf("pixel %d, %d is %v, want %v", p.x, p.y, got, p.want)
		}
	}
}

// TestChartImportIsClean checks that an import of pyplot prints nothing and leaves no file in /tmp.
func TestChartImportIsClean(t *testing.T) {
	var found []any
	evaluateChart(t, `import os
import matplotlib.pyplot as plt
plt.plot([1, 2])
return [os.listdir('/tmp'), os.listdir('.'), plt.get_backend()]`, &found)
	if got, _ := json.Marshal(found); string(got) != `[[],[],"agg"]` && string(got) != `[[],[],"Agg"]` {
		t.Errorf("%s", got)
	}
}

// TestChartTooComplex checks that a path with too many pixels is a Python error that a script can
// handle, as it is elsewhere, only with a limit that fits into a cell.
func TestChartTooComplex(t *testing.T) {
	var message string
	evaluateChart(t, `import io
import matplotlib
import matplotlib.pyplot as plt
import numpy as np
matplotlib.rcParams['path.simplify'] = False
random = np.random.default_rng(0)
plt.figure(figsize=(20, 20)).add_axes([0, 0, 1, 1]).fill(random.random(60000), random.random(60000))
try:
    plt.savefig(io.BytesIO())
except OverflowError as e:
    plt.close()
    plt.plot([1, 2])
    plt.savefig(io.BytesIO())
    return str(e)`, &message)
	if !strings.Contains(message, "Exceeded cell block limit") {
		t.Errorf("message %q", message)
	}
}
