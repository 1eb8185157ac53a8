//go:build peer && linux

package peer

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/testenv"
)

// flightCases are the tables that testdata/flight.py puts, with the highest ratios to TabPy.
var flightCases = []struct {
	name, about        string
	repetitions        int
	maxTime, maxMemory float64
}{
	{"numbers", "1 000 000 rows, 10 columns of numbers", 3, 0.8, 0.6},
	{"texts", "1 000 000 rows, 2 columns of texts", 3, 1, 0},
	{"ten", "10 rows, 10 columns of numbers", 30, 1, 0},
}

// flightRow is a line of the report. Its figures are medians for tabcell and TabPy.
type flightRow struct {
	about string
	steps [3][2]float64 // milliseconds of put, evaluate and get
	total [2]float64
	peak  [2]float64 // MiB
}

// warmGuests compiles the guests, which the server would otherwise do in the background. The program
// has TabPy's command line under its own name.
func warmGuests(t *testing.T, program string) {
	link := filepath.Join(t.TempDir(), "tabcell")
	if err := os.Symlink(program, link); err != nil {
		t.Fatal(err)
	}
	mustRun(t, ".", link, "warm", "--cache-dir", peerCache(t))
}

// TestBenchFlight measures the Arrow Flight services of tabcell and TabPy, whose command
// TABCELL_PEER_TABPY names, and writes bench_flight.md (task bench:flight). The servers take turns.
// It fails if a ratio is above the wanted one.
func TestBenchFlight(t *testing.T) {
	command := os.Getenv("TABCELL_PEER_TABPY")
	if command == "" {
		t.Fatal("set TABCELL_PEER_TABPY to TabPy's command in a separate environment (pip install tabpy)")
	}
	program, engine := buildTabcell(t)
	warmGuests(t, program)
	servers := []*peer{
		{name: "tabcell", command: program, cache: peerCache(t), flight: testenv.FreePort(t)},
		{name: "TabPy", command: command, flight: testenv.FreePort(t)},
	}
	for _, p := range servers {
		p.start(t)
		p.stop() // the first start of a build makes the images, and keeps more memory than later ones
		p.start(t)
		defer p.stop()
	}
	var rows []flightRow
	for _, c := range flightCases {
		row := measureFlight(t, c.name, c.about, c.repetitions, servers)
		t.Log(row.String())
		rows = append(rows, row)
		if ratio := row.total[0] / row.total[1]; ratio > c.maxTime {
			t.Errorf("%s: %.2f of TabPy's time, want at most %.2f", c.about, ratio, c.maxTime)
		}
		if ratio := row.peak[0] / row.peak[1]; c.maxMemory > 0 && ratio > c.maxMemory {
			t.Errorf("%s: %.2f of TabPy's peak memory, want at most %.2f", c.about, ratio, c.maxMemory)
		}
	}
	writeFlight(t, engine, rows)
}

// measureFlight returns the medians of a case.
func measureFlight(t *testing.T, name, about string, repetitions int, servers []*peer) flightRow {
	var steps [3][2][]float64
	var totals, peaks [2][]float64
	for range peerRounds {
		for i, p := range servers {
			stop := p.watchMemory(t)
			for _, seconds := range p.runFlight(t, name, repetitions) {
				sum := 0.0
				for s := range steps {
					steps[s][i] = append(steps[s][i], 1000*seconds[s])
					sum += 1000 * seconds[s]
				}
				totals[i] = append(totals[i], sum)
			}
			peaks[i] = append(peaks[i], stop())
		}
	}
	row := flightRow{about: about}
	for i := range servers {
		for s := range steps {
			row.steps[s][i] = harness.Median(steps[s][i])
		}
		row.total[i], row.peak[i] = harness.Median(totals[i]), harness.Median(peaks[i])
	}
	return row
}

// runFlight runs the client, with the Python of TabPy's environment. It returns the seconds of put,
// evaluate and get of each repetition.
func (p *peer) runFlight(t *testing.T, name string, repetitions int) (times [][3]float64) {
	t.Helper()
	python := filepath.Join(filepath.Dir(os.Getenv("TABCELL_PEER_TABPY")), "python")
	cmd := exec.Command(python, "testdata/flight.py", p.url, fmt.Sprintf("grpc://127.0.0.1:%d", p.flight), name, strconv.Itoa(repetitions))
	out, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(out, &times)
	}
	if err != nil || len(times) != repetitions {
		t.Fatalf("%s, %s: %v\n%s%s", p.name, name, err, errorOutput(err), p.output)
	}
	return times
}

// String returns the row of the report's table.
func (r flightRow) String() string {
	return fmt.Sprintf("| %s | %.1f / %.1f ms | %.1f / %.1f ms | %.1f / %.1f ms | %.1f / %.1f ms | **%.2f** | %.0f / %.0f MiB | **%.2f** |", r.about,
		r.steps[0][0], r.steps[0][1], r.steps[1][0], r.steps[1][1], r.steps[2][0], r.steps[2][1], r.total[0], r.total[1], r.total[0]/r.total[1],
		r.peak[0], r.peak[1], r.peak[0]/r.peak[1])
}

func writeFlight(t *testing.T, engine string, rows []flightRow) {
	var b strings.Builder
	fmt.Fprintf(&b, "# Arrow Flight: tabcell compared with TabPy\n\nMeasured on %s: %s, %d cores, %s; tabcell with %s.\n",
		time.Now().Format(time.DateOnly), processor(), goruntime.NumCPU(), goruntime.GOOS, engine)
	fmt.Fprintf(&b, "The script returns its table. Each pair is tabcell / TabPy 2.16, the medians of %d alternating rounds.\n\n", peerRounds)
	b.WriteString("| table | put | evaluate | get | all | ratio | peak memory | ratio |\n|---|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		b.WriteString(r.String() + "\n")
	}
	if err := os.WriteFile("bench_flight.md", []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
