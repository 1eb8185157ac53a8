package cli

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/certs/certtest"
	"tabcell/cmd/tabcell/internal/testenv"
)

// monitoring is the folder of the alert rules and the dashboard.
const monitoring = "assets/install/monitoring/"

// allMetrics returns the text of /metrics of a server with everything that has metrics: TLS, models
// and an audit trail.
func allMetrics(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	certificate, key := certtest.Issue(t, "server", nil, nil).WriteFiles(t, dir)
	r := startServer(t, "TABCELL_METRICS=true", "TABPY_TRANSFER_PROTOCOL=https", "TABPY_CERTIFICATE_FILE="+certificate, "TABPY_KEY_FILE="+key,
		"TABCELL_AUDIT="+filepath.Join(dir, "audit.jsonl"), "TABCELL_MODELS_PATH="+filepath.Join(dir, "models"))
	url := strings.Replace(r.url, "http:", "https:", 1)
	var text []byte
	for _, send := range []func() (*http.Response, error){
		func() (*http.Response, error) {
			return testenv.AnyCertificate.Post(url+"/evaluate", "application/json", strings.NewReader(returnOne))
		},
		func() (*http.Response, error) { return testenv.AnyCertificate.Get(url + "/metrics") },
	} {
		response, err := send()
		if err != nil {
			t.Fatal(err)
		}
		text, err = io.ReadAll(response.Body)
		if err := response.Body.Close(); err != nil {
			t.Fatal(err)
		}
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("status %d, error %v: %s", response.StatusCode, err, text)
		}
	}
	testenv.AnyCertificate.CloseIdleConnections()
	r.signals <- os.Interrupt
	r.wait(t, exitOK)
	return string(text)
}

var metricNames = regexp.MustCompile(`\b(?:tabcell|process|go)_[a-z_]+`)

// Every metric in the alert rules and in the dashboard exists.
func TestMonitoringMetrics(t *testing.T) {
	metrics := allMetrics(t)
	for _, file := range []string{"alerts.yaml", "alerts_test.yaml", "dashboard.json"} {
		names := metricNames.FindAllString(readMonitoring(t, file), -1)
		slices.Sort(names)
		if names = slices.Compact(names); len(names) < 15 {
			t.Errorf("%s has only the metrics %v", file, names)
		}
		for _, name := range names {
			if !regexp.MustCompile(`(?m)^(# TYPE )?` + name + `[ {]`).MatchString(metrics) {
				t.Errorf("%s uses the metric %s, which the server does not have", file, name)
			}
		}
	}
}

func readMonitoring(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(testenv.File(monitoring + name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// panel is the part of a Grafana panel that every panel needs.
type panel struct {
	ID         int
	Type       string
	Title      string
	Datasource struct{ Type, UID string }
	GridPos    struct{ X, Y, W, H int }
	Targets    []struct{ RefID, Expr string }
}

// The dashboard can be imported: ids are unique, panels do not overlap, and every query uses the
// variables for the data source, the job and the instance.
func TestDashboard(t *testing.T) {
	var d struct {
		ID            *int
		UID, Title    string
		SchemaVersion int
		Templating    struct{ List []struct{ Name, Type string } }
		Panels        []panel
	}
	if err := json.Unmarshal([]byte(readMonitoring(t, "dashboard.json")), &d); err != nil {
		t.Fatal(err)
	}
	var variables []string
	for _, v := range d.Templating.List {
		variables = append(variables, v.Name+" "+v.Type)
	}
	if d.ID != nil || d.UID != "tabcell" || d.SchemaVersion < 36 || !slices.Equal(variables, []string{"datasource datasource", "job query", "instance query"}) {
		t.Errorf("id %v, uid %q, schema version %d, variables %q", d.ID, d.UID, d.SchemaVersion, variables)
	}
	cells, ids := map[[2]int]string{}, map[int]bool{}
	for _, p := range d.Panels {
		if ids[p.ID] || p.Title == "" || p.Datasource.UID != "${datasource}" || p.GridPos.X+p.GridPos.W > 24 || len(p.Targets) == 0 {
			t.Errorf("panel %+v", p)
		}
		ids[p.ID] = true
		for x := range p.GridPos.W {
			for y := range p.GridPos.H {
				at := [2]int{p.GridPos.X + x, p.GridPos.Y + y}
				if cells[at] != "" {
					t.Fatalf("the panels %q and %q overlap", cells[at], p.Title)
				}
				cells[at] = p.Title
			}
		}
		for _, query := range p.Targets {
			if query.RefID == "" || !strings.Contains(query.Expr, `job="$job", instance=~"$instance"`) {
				t.Errorf("%s: query %+v", p.Title, query)
			}
		}
	}
}
