package cli

import (
	"context"
	"encoding/json"
	"fmt"
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
	"tabcell/runtime"
	"tabcell/runtime/cluster"
)

// monitoring is the folder of the alert rules and the dashboard.
const monitoring = "assets/install/monitoring/"

// startWithEverything starts a server with everything that has metrics: TLS, models, an audit trail,
// Arrow Flight, a cluster, and a grant. The script "use the grant" uses it.
func startWithEverything(t *testing.T) *testServer {
	t.Helper()
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	certificate, key := certtest.Issue(t, "server", nil, nil).WriteFiles(t, dir)
	address := fmt.Sprintf("127.0.0.1:%d", testenv.FreePort(t))
	if _, err := cluster.Init(file("cluster"), cluster.InitOptions{Name: "node1", Advertise: address}); err != nil {
		t.Fatal(err)
	}
	testenv.WriteFile(t, file("tabpy.conf"), "[TabPy]\n[Grant prices]\naccounts = *\nallow_anonymous = yes\nconnect = https://prices.example.com\n")
	ready := make(chan struct{})
	close(ready)
	r := runTestServer(t, ready, io.Discard, []string{
		"TABCELL_METRICS=true", "TABPY_TRANSFER_PROTOCOL=https", "TABPY_CERTIFICATE_FILE=" + certificate, "TABPY_KEY_FILE=" + key,
		"TABCELL_AUDIT=" + file("audit.jsonl"), "TABCELL_MODELS_PATH=" + file("models"), "TABPY_ARROW_ENABLE=true", "TABPY_ARROWFLIGHT_PORT=0",
		"TABCELL_CLUSTER_PATH=" + file("cluster"), "TABCELL_CLUSTER_LISTEN=" + address, "TABCELL_CLUSTER_ADVERTISE=" + address,
	}, "--config", file("tabpy.conf"))
	r.engine.On("use the grant", func(_ context.Context, c runtime.Call, _ json.RawMessage) (runtime.Result, error) {
		c.Grants.Observe(runtime.GrantUse{Grant: "prices", Kind: runtime.GrantFile, Outcome: runtime.GrantOK})
		return runtime.Result{Body: []byte("1")}, nil
	})
	return r
}

// allMetrics returns the text of /metrics of a server with everything that has metrics.
func allMetrics(t *testing.T) string {
	t.Helper()
	r := startWithEverything(t)
	url := strings.Replace(r.url, "http:", "https:", 1)
	var text []byte
	for _, send := range []func() (*http.Response, error){
		func() (*http.Response, error) {
			return testenv.AnyCertificate.Post(url+"/evaluate", "application/json", strings.NewReader(`{"script": "use the grant", "data": {}}`))
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

// The manual lists all alert rules, and no others.
func TestManualListsAlerts(t *testing.T) {
	manual, err := os.ReadFile(testenv.File("assets/docs/operate.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(manual), "| rules about |")
	list, _, _ = strings.Cut(list, "\n\n")
	listed := regexp.MustCompile(`\b[A-Z]\w+`).FindAllString(list, -1)
	listed = slices.DeleteFunc(listed, func(name string) bool { return name == "Tabcell" })
	var rules []string
	for _, m := range regexp.MustCompile(`- alert: Tabcell(\w+)`).FindAllStringSubmatch(readMonitoring(t, "alerts.yaml"), -1) {
		rules = append(rules, m[1])
	}
	slices.Sort(listed)
	slices.Sort(rules)
	if !slices.Equal(listed, rules) {
		t.Errorf("the manual has  %q\nthe rules are   %q", listed, rules)
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
