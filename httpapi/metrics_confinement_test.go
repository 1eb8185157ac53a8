package httpapi

import "testing"

type fakeParts map[string]bool

func (f fakeParts) Confinement() map[string]bool { return f }

func TestMetricsOfConfinement(t *testing.T) {
	srv := newMetricsServer(t)
	srv.api.metrics.addConfinement(nil)
	srv.api.metrics.addConfinement(fakeParts{"files": true, "code": false})
	all := srv.metrics()
	for name, want := range map[string]string{`tabcell_confined{part="files"}`: "1", `tabcell_confined{part="code"}`: "0"} {
		if all[name] != want {
			t.Errorf("%s: got %q, want %s", name, all[name], want)
		}
	}
}
