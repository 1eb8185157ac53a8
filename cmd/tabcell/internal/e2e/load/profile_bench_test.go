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

// BenchmarkProfile prints the distribution of the server's CPU time and the length of each phase of
// a cell, for each case of the benchmark, and leaves the profiles in the folder that
// TABCELL_PROFILE names (task profile). The client runs in the same process; its goroutines carry a
// label and are left out. Go's profiler does not look inside the guest; BenchmarkGuestProfile does.
func BenchmarkProfile(b *testing.B) {
	dir := os.Getenv("TABCELL_PROFILE")
	if dir == "" {
		b.Skip("set TABCELL_PROFILE to a folder for the profiles")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	s := startProfiled(b)
	for b.Loop() {
		fmt.Printf("\n%-24s %8s %7s |", "case", "req/s", "CPU ms")
		for _, p := range parts {
			fmt.Printf(" %8s", p.name)
		}
		fmt.Println(" | us per phase")
		for _, c := range bench.Cases() {
			s.profile(b, dir, c)
		}
	}
}

// parts divides the server's CPU time. A sample belongs to the first part whose pattern matches one
// of its frames.
var parts = []struct{ name, frames string }{
	{"guest", `^runtime\._ExternalCode`},
	{"reset", `\(\*Worker\)\.recycle`},
	{"instance", `\(\*Worker\)\.Instantiate|\(\*Pool\)\.Get`},
	{"copies", `runtime\.inputRead|runtime\.replyWrite`},
	{"bodies", `httpapi\.\(\*API\)\.readBody|httpapi\.\(\*request\)\.send|httpapi\.compress`},
	{"HTTP", `net/http\.|tabcell/httpapi`},
	{"garbage", `runtime\.gc|runtime\.bgsweep|runtime\.bgscavenge`},
}

// profiledServer is a server whose CPU time is measured.
type profiledServer struct{ *harness.Server }

// startProfiled starts a server with engines as in a release: unlike the engines that tests share,
// they do not verify the cells.
func startProfiled(b *testing.B) profiledServer {
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
	return profiledServer{s}
}

// profile measures a case, writes its profile to dir and prints a line about it.
func (s profiledServer) profile(b *testing.B, dir string, c bench.Case) {
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

// report prints the line of a case. before has the phases as they were before the measurement.
func (s profiledServer) report(b *testing.B, path string, m bench.Result, before map[string]float64) {
	total := sampledTime(b, path, "", "")
	fmt.Printf("%-24s %8.1f %7.2f |", m.Case, m.Rate(), 1e3*total/float64(m.Requests))
	ignore := ""
	for _, p := range parts {
		fmt.Printf(" %7.1f%%", 100*sampledTime(b, path, p.frames, ignore)/total)
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

// accounting matches the line of pprof's output with the total time of the selected samples.
var accounting = regexp.MustCompile(`(?m)^Showing nodes accounting for ([\d.]+)s`)

// sampledTime returns the time in seconds of the server's samples in a profile that have a frame
// matching focus and none matching ignore. An empty focus matches every frame, an empty ignore
// none.
func sampledTime(b *testing.B, path, focus, ignore string) float64 {
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

// phaseLine matches a line of GET /metrics about a phase.
var phaseLine = regexp.MustCompile(`(?m)^tabcell_phase_seconds_(sum|count)\{phase="(\w+)",route="/evaluate"\} (\S+)$`)

// phases returns the totals of the phases since the server started, such as "script sum", in
// seconds, and "script count".
func (s profiledServer) phases(b *testing.B) map[string]float64 {
	text, err := getBody(s.URL + "/metrics")
	if err != nil {
		b.Fatal(err)
	}
	totals := map[string]float64{}
	for _, m := range phaseLine.FindAllStringSubmatch(text, -1) {
		totals[m[2]+" "+m[1]], _ = strconv.ParseFloat(m[3], 64)
	}
	return totals
}

// getBody returns the body of the response to a GET request.
func getBody(url string) (string, error) {
	r, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	return string(text), err
}
