package doctor

import (
	"net"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strconv"
	"strings"
	"testing"

	"tabcell/settings"
)

func TestDoctorProcessor(t *testing.T) {
	for _, c := range []struct {
		sse41, bmi1, bmi2, popcnt bool
		want                      Verdict
		names                     string
	}{
		{true, true, true, true, OK, "SSE4.1"},
		{true, false, true, false, Warning, "BMI1, POPCNT"},
		{false, true, false, true, Failure, "SSE4.1"},
	} {
		got := judgeAMD64(missingAMD64(c.sse41, c.bmi1, c.bmi2, c.popcnt))
		if got.Verdict != c.want || !strings.Contains(got.Text, c.names) || (got.Advice == "") != (c.want == OK) {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}

func TestDoctorCache(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "cache")
	if got := checkCache(dir); got.Verdict != OK {
		t.Errorf("new folder: %+v", got)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("the check left %v, %v", left, err)
	}
	if got := checkCache(""); got.Verdict != Warning || got.Advice == "" {
		t.Errorf("no folder: %+v", got)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, make([]byte, 3<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := checkCache(file); got.Verdict != Failure {
		t.Errorf("a file: %+v", got)
	}
	if size := sizeOf(filepath.Dir(file)); size != 3<<20 {
		t.Errorf("size %d", size)
	}
	if goruntime.GOOS == "windows" {
		return
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if got := checkCache(dir); got.Verdict != Failure || !strings.Contains(got.Advice, "chmod 700") {
		t.Errorf("open folder: %+v", got)
	}
}

func TestDoctorPort(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listen := func(s settings.Server) (net.Listener, error) {
		return net.Listen("tcp", net.JoinHostPort(s.ListenHost(), strconv.Itoa(s.Port)))
	}
	s := settings.Server{Port: taken.Addr().(*net.TCPAddr).Port}
	if got := checkPort(s, listen); got.Verdict != Failure || !strings.Contains(got.Advice, "listen tcp") {
		t.Errorf("taken: %+v", got)
	}
	taken.Close()
	if got := checkPort(s, listen); got.Verdict != OK {
		t.Errorf("free: %+v", got)
	}
	if got := checkPort(settings.Server{Host: "192.0.2.1"}, listen); got.Verdict != Failure {
		t.Errorf("another machine's address: %+v", got)
	}
}

func TestDoctorConfiguration(t *testing.T) {
	found, s := checkConfiguration(settings.Sources{Environ: []string{"TABCELL_QUEUE=many"}})
	if len(found) != 1 || found[0].Verdict != Failure || s != settings.Defaults() {
		t.Errorf("broken: %+v", found)
	}
	found, s = checkConfiguration(settings.Sources{Environ: []string{"TABCELL_QUEUE=5", "TABPY_ARROW_ENABLE=true"}})
	if len(found) != 2 || found[0].Verdict != OK || found[1].Verdict != Warning || s.Cells.Queue != 5 {
		t.Errorf("with a warning: %+v", found)
	}
}
