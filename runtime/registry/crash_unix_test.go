//go:build unix

package registry

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test program runs itself as a child process. These environment variables select the role of
// the child and its folder.
const childEnv, childDir = "TABCELL_REGISTRY_CHILD", "TABCELL_REGISTRY_DIR"

func TestMain(m *testing.M) {
	switch os.Getenv(childEnv) {
	case "deploy":
		deployForever(os.Getenv(childDir))
	case "full":
		os.Exit(deployOnFullDisk(os.Getenv(childDir)))
	}
	os.Exit(m.Run())
}

// deployForever deploys, rolls back and removes a few endpoints. It prints each acknowledged
// change: the endpoint's name and its version, which is 0 after a removal. The code of every
// version begins with the name of its endpoint.
func deployForever(dir string) {
	r, err := Open(dir, Options{KeepVersions: 3})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	random := rand.New(rand.NewPCG(uint64(os.Getpid()), uint64(time.Now().UnixNano())))
	for {
		name := fmt.Sprintf("m%d", random.IntN(4))
		e := Endpoint{Name: name}
		switch random.IntN(8) {
		case 0:
			err = r.Remove(name)
		case 1:
			e, err = r.Rollback(name, 0, "")
		default:
			d := source(name, name+" "+strings.Repeat(strconv.FormatUint(random.Uint64(), 10), 500))
			d.Replace = true
			e, err = r.Deploy(d)
		}
		if errors.Is(err, ErrNotFound) || errors.Is(err, ErrInvalid) {
			continue
		}
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println(name, e.Version)
	}
}

// TestKill kills a deploying process at a random moment, 200 times, and opens its registry. The
// registry must contain every acknowledged change and at most one further change, complete.
func TestKill(t *testing.T) {
	rounds := 200
	if testing.Short() {
		rounds = 20
	}
	dir := t.TempDir()
	deadline := time.Now().Add(time.Minute)
	acknowledged, kills := 0, 0
	for kills < rounds && time.Now().Before(deadline) {
		lines := runAndKill(t, dir, time.Duration(rand.IntN(12_000))*time.Microsecond)
		kills++
		r := open(t, dir, Options{KeepVersions: 3})
		last := map[string]int{}
		for _, line := range lines {
			name, version, _ := strings.Cut(line, " ")
			n, err := strconv.Atoi(version)
			if err != nil {
				t.Fatalf("the child printed %q", line)
			}
			last[name] = n
			acknowledged++
		}
		compareAfterKill(t, r, last)
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if kills < 20 || acknowledged < kills {
		t.Errorf("only %d kills and %d acknowledged changes", kills, acknowledged)
	}
	t.Logf("%d kills, %d acknowledged changes", kills, acknowledged)
}

// runAndKill runs the child, kills it some time after its first line, and returns its complete
// lines.
func runAndKill(t *testing.T, dir string, after time.Duration) []string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"=deploy", childDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(out)
	first, err := reader.ReadString('\n')
	time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	lines := []string{first}
	for err == nil {
		var line string
		if line, err = reader.ReadString('\n'); err == nil {
			lines = append(lines, line)
		}
	}
	_ = cmd.Wait()
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return lines
}

// compareAfterKill compares the registry with the last acknowledged version of each endpoint. One
// change may have been made without being acknowledged.
func compareAfterKill(t *testing.T, r *Registry, last map[string]int) {
	t.Helper()
	for _, d := range r.DamagedManifests() {
		t.Errorf("damaged manifest %s: %v", d.File, d.Err)
	}
	unacknowledged := 0
	for name, version := range last {
		e, _ := r.Get(name) // with version 0 if it does not exist
		switch {
		case e.Version == version:
		case e.Version == version+1, e.Version == 0, version == 0 && e.Version == 1:
			unacknowledged++
		default:
			t.Errorf("%s: version is %d, %d was acknowledged", name, e.Version, version)
		}
	}
	if unacknowledged > 1 {
		t.Errorf("%d endpoints differ from their acknowledged versions, at most one may", unacknowledged)
	}
	for _, e := range r.List() {
		for _, v := range e.Versions {
			if content, err := r.Content(v); err != nil || !bytes.HasPrefix(content, []byte(e.Name+" ")) {
				t.Errorf("%s: version %d: content %q, error %v", e.Name, v.Number, content[:min(len(content), 20)], err)
			}
		}
	}
	if left, err := os.ReadDir(filepath.Join(r.disk.root.Name(), tempDir)); err != nil || len(left) > 0 {
		t.Errorf("temporary files %v, error %v", left, err)
	}
}

// TestFullDisk runs a child that may only write files of up to 4 KiB. Writing a larger one fails
// half-way, as on a full disk.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir, Options{Now: at(1)})
	mustDeploy(t, r, source("m", "code"))
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"=full", childDir+"="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// deployOnFullDisk is the child of TestFullDisk. It returns the exit code, 0 if the test passes.
func deployOnFullDisk(dir string) int {
	signal.Ignore(syscall.SIGXFSZ) // so that write returns EFBIG
	limit := syscall.Rlimit{Cur: 4096, Max: 4096}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		fmt.Println(err)
		return 1
	}
	r, err := Open(dir, Options{})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer r.Close()
	large := source("m", strings.Repeat("x", 8192))
	large.Replace = true
	longManifest := source("n", "small")
	longManifest.Description = strings.Repeat("x", 8192)
	for _, d := range []Deployment{large, longManifest} {
		_, err := r.Deploy(d)
		if storage, ok := errors.AsType[*StorageError](err); !ok || storage.Unclear || !errors.Is(err, syscall.EFBIG) {
			fmt.Printf("error %v\n", err)
			return 1
		}
	}
	e, ok := r.Get("m")
	content, err := r.Content(e.Current())
	manifests, _ := r.disk.names(endpointsDir)
	codes, _ := r.disk.names(codeDir)
	temps, _ := r.disk.names(tempDir)
	if !ok || e.Version != 1 || string(content) != "code" || len(r.List()) != 1 || len(manifests) != 1 || len(codes) != 1 || len(temps) != 0 {
		fmt.Printf("endpoints %+v, content %q, error %v; files %v %v %v\n", r.List(), content, err, manifests, codes, temps)
		return 1
	}
	return 0
}
