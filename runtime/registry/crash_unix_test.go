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

// The test program is its own child: what it does there is named in the environment.
const childEnv, childDir = "TABCELL_REGISTRY_CHILD", "TABCELL_REGISTRY_DIR"

func TestMain(m *testing.M) {
	switch os.Getenv(childEnv) {
	case "deploy":
		deployForEver(os.Getenv(childDir))
	case "full":
		os.Exit(deployOnAFullDisk(os.Getenv(childDir)))
	}
	os.Exit(m.Run())
}

// deployForEver deploys, rolls back and removes a few endpoints, and tells of each change once it is acknowledged: the name and its version,
// 0 when it was removed. Every version's code names the endpoint.
func deployForEver(dir string) {
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

// TestAKillLosesNothing kills a process that deploys, 200 times at random moments, and looks at what it left: every change it acknowledged
// must be there, and at most one further change, whole.
func TestAKillLosesNothing(t *testing.T) {
	rounds := 200
	if testing.Short() {
		rounds = 20
	}
	dir := t.TempDir()
	deadline := time.Now().Add(time.Minute)
	acknowledged, kills := 0, 0
	for kills < rounds && time.Now().Before(deadline) {
		said := killed(t, dir, time.Duration(rand.IntN(12_000))*time.Microsecond)
		kills++
		r := open(t, dir, Options{KeepVersions: 3})
		last := map[string]int{}
		for _, line := range said {
			name, version, _ := strings.Cut(line, " ")
			n, err := strconv.Atoi(version)
			if err != nil {
				t.Fatalf("the child says %q", line)
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
		t.Errorf("%d kills and %d acknowledged changes prove little", kills, acknowledged)
	}
	t.Logf("%d kills, %d acknowledged changes", kills, acknowledged)
}

// killed runs the child until some time after its first line, and returns the lines that it said in whole.
func killed(t *testing.T, dir string, after time.Duration) []string {
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
	said := []string{first}
	for err == nil {
		var line string
		if line, err = reader.ReadString('\n'); err == nil {
			said = append(said, line)
		}
	}
	_ = cmd.Wait()
	for i, line := range said {
		said[i] = strings.TrimSpace(line)
	}
	return said
}

// compareAfterKill: last is what was acknowledged last of each endpoint. One change may have been made and not acknowledged.
func compareAfterKill(t *testing.T, r *Registry, last map[string]int) {
	t.Helper()
	for _, d := range r.DamagedManifests() {
		t.Errorf("damage: %s: %v", d.File, d.Err)
	}
	more := 0
	for name, version := range last {
		e, _ := r.Get(name) // version 0 when it is not there
		switch {
		case e.Version == version:
		case e.Version == version+1, e.Version == 0, version == 0 && e.Version == 1:
			more++
		default:
			t.Errorf("%s: version %d was acknowledged last, there is %d", name, version, e.Version)
		}
	}
	if more > 1 {
		t.Errorf("%d changes that were acknowledged are gone, or more happened than one process does at once", more)
	}
	for _, e := range r.List() {
		for _, v := range e.Versions {
			if content, err := r.Content(v); err != nil || !bytes.HasPrefix(content, []byte(e.Name+" ")) {
				t.Errorf("%s, version %d: %q, error %v", e.Name, v.Number, content[:min(len(content), 20)], err)
			}
		}
	}
	if left, err := os.ReadDir(filepath.Join(r.disk.root.Name(), tempDir)); err != nil || len(left) > 0 {
		t.Errorf("leftovers %v, error %v", left, err)
	}
}

// TestAFullDisk runs a child that may write files of 4 KiB only: what is larger fails half-way, as on a full disk.
func TestAFullDisk(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir, Options{Now: at(1)})
	must(t, r, source("m", "code"))
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"=full", childDir+"="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// deployOnAFullDisk is the child: 0 when all is as it should be.
func deployOnAFullDisk(dir string) int {
	signal.Ignore(syscall.SIGXFSZ) // then writing answers EFBIG
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
	wordy := source("n", "small")
	wordy.Description = strings.Repeat("x", 8192)
	for _, d := range []Deployment{large, wordy} {
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
		fmt.Printf("there is %+v, %q, %v; files %v %v %v\n", r.List(), content, err, manifests, codes, temps)
		return 1
	}
	return 0
}
