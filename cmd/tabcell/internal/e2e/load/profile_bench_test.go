package load

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/pprof"
	"strconv"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/bench"
	"tabcell/cmd/tabcell/internal/e2e/harness"
	"tabcell/cmd/tabcell/internal/server"
	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
	"tabcell/settings"
)

// BenchmarkProfile prints, for each case of the bench, where the server's CPU time goes and how long each phase of a cell takes, and leaves the
// profiles in the folder that TABCELL_PROFILE names: `task profile`. The client is in the same process; its goroutines bear a label and are
// left out. Go's profiler sees the guest as one thing: what is inside it, BenchmarkGuestProfile shows.
func BenchmarkProfile(b *testing.B) {
	dir := os.Getenv("TABCELL_PROFILE")
	if dir == "" {
		b.Skip("TABCELL_PROFILE names no folder for the profiles")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	s := profiledServer(b)
	for b.Loop() {
		fmt.Printf("\n%-24s %8s %7s |", "case", "req/s", "CPU ms")
		for _, p := range parts {
			fmt.Printf(" %8s", p.name)
		}
		fmt.Println(" | us a phase")
		for _, c := range bench.Cases() {
			s.profile(b, dir, c)
		}
	}
}

// parts of the server's time, each without what the ones before it have: a sample belongs to the first whose pattern a frame of it matches.
var parts = []struct{ name, frames string }{
	{"guest", `^runtime\._ExternalCode`},
	{"recycle", `\(\*Worker\)\.recycle`},
	{"instance", `\(\*Worker\)\.Instantiate|\(\*Pool\)\.Get`},
	{"copies", `runtime\.inputRead|runtime\.replyWrite`},
	{"bodies", `httpapi\.\(\*API\)\.readBody|httpapi\.\(\*request\)\.send|httpapi\.compress`},
	{"HTTP", `net/http\.|tabcell/httpapi`},
	{"garbage", `runtime\.gc|runtime\.bgsweep|runtime\.bgscavenge`},
}

// profiled is a server whose time is measured.
type profiled struct{ *harness.Server }

// profiledServer has the engines of a released server: none of the tests' comparing of cells.
func profiledServer(b *testing.B) profiled {
	set := settings.Defaults()
	set.Cells.CacheDir = testenv.CacheDir()
	e, err := server.StartGuests(b.Context(), set, func(runtime.Progress) {})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { e.Close() })
	if router, ok := e.(*runtime.Router); ok {
		if err := router.Wait(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	port := testenv.FreePort(b)
	config := fmt.Sprintf("[TabPy]\nTABPY_PORT = %d\nTABPY_MAX_REQUEST_SIZE_MB = 512\nTABPY_STATE_PATH = %s\nTABCELL_METRICS = on\nTABCELL_LOG_LEVEL = error\n", port, b.TempDir())
	s := harness.StartConfigured(b, config, port, func() (runtime.Evaluator, error) { return e, nil })
	b.Cleanup(s.Stop)
	return profiled{s}
}

func (s profiled) profile(b *testing.B, dir string, c bench.Case) {
	path := filepath.Join(dir, regexp.MustCompile(`\W+`).ReplaceAllString(c.Name, "-")+".pprof")
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	var m bench.Result
	before := map[string]float64{}
	pprof.Do(b.Context(), pprof.Labels("side", "client"), func(ctx context.Context) {
		l := bench.NewLoad(bench.NewClient(2, &http.Transport{}), s.URL, c)
		defer l.Client.CloseIdleConnections()
		if err := l.WarmUp(ctx); err != nil {
			b.Fatal(err)
		}
		if _, err := l.Run(ctx, 2, 500*time.Millisecond); err != nil {
			b.Fatal(err)
		}
		before = s.phases(b)
		if err := pprof.StartCPUProfile(file); err != nil {
			b.Fatal(err)
		}
		m, err = l.Run(ctx, 2, 3*time.Second)
		pprof.StopCPUProfile()
	})
	if err != nil {
		b.Fatal(err)
	}
	s.report(b, path, m, before)
}

// report prints a case's line.
func (s profiled) report(b *testing.B, path string, m bench.Result, before map[string]float64) {
	all := sampled(b, path, "", "")
	fmt.Printf("%-24s %8.1f %7.2f |", m.Case, m.Rate(), 1e3*all/float64(m.Requests))
	ignore := ""
	for _, p := range parts {
		fmt.Printf(" %7.1f%%", 100*sampled(b, path, p.frames, ignore)/all)
		ignore = strings.TrimPrefix(ignore+"|"+p.frames, "|")
	}
	fmt.Print(" |")
	after := s.phases(b)
	for _, phase := range []string{"queue", "cell", "copy_in", "parse", "script", "serialise", "copy_out", "reset"} {
		if n := after[phase+" count"] - before[phase+" count"]; n > 0 {
			fmt.Printf(" %s %.0f", phase, 1e6*(after[phase+" sum"]-before[phase+" sum"])/n)
		}
	}
	fmt.Println()
}

var accounting = regexp.MustCompile(`(?m)^Showing nodes accounting for ([\d.]+)s`)

// sampled is the time in a profile, seconds, of the server's samples that have a frame like focus and none like ignore; "" is all and none.
func sampled(b *testing.B, path, focus, ignore string) float64 {
	args := []string{"tool", "pprof", "-top", "-unit=s", "-nodecount=100000", "-nodefraction=0", "-tagignore=side=client"}
	for flag, frames := range map[string]string{"-focus=": focus, "-ignore=": ignore} {
		if frames != "" {
			args = append(args, flag+frames)
		}
	}
	out, err := exec.Command("go", append(args, path)...).Output()
	if err != nil {
		b.Fatal(err)
	}
	found := accounting.FindSubmatch(out)
	if found == nil {
		return 0
	}
	seconds, _ := strconv.ParseFloat(string(found[1]), 64)
	return seconds
}

var phaseLine = regexp.MustCompile(`(?m)^tabcell_phase_seconds_(sum|count)\{phase="(\w+)",route="/evaluate"\} (\S+)$`)

// phases are the sums and counts of phases since the server started: "run sum" in seconds, "run count".
func (s profiled) phases(b *testing.B) map[string]float64 {
	text, err := getBody(s.URL + "/metrics")
	if err != nil {
		b.Fatal(err)
	}
	all := map[string]float64{}
	for _, m := range phaseLine.FindAllStringSubmatch(text, -1) {
		all[m[2]+" "+m[1]], _ = strconv.ParseFloat(m[3], 64)
	}
	return all
}

// getBody is what a GET answers.
func getBody(url string) (string, error) {
	r, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	return string(text), err
}
