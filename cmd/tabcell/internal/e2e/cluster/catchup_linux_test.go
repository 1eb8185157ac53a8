//go:build cluster

package cluster

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
)

const (
	largeModels = 8
	largeModel  = 128 << 20 // bytes
)

// TestCatchUp lets a node join a cluster with 1 GiB of models, and damages one of them while the
// node is away. No node may hold a whole model in memory for that. The models are old versions, since
// a server loads the current ones, which takes memory without a cluster too.
func TestCatchUp(t *testing.T) {
	g := newGroup(t, 2, t.TempDir())
	first, second := g.nodes[0], g.nodes[1]
	first.fillRegistry(largeModels, func(i int) [][]byte {
		content := make([]byte, largeModel)
		_, _ = rand.NewChaCha8([32]byte{byte(i)}).Read(content) // never fails
		return [][]byte{content, []byte(source(i))}
	})
	first.run("", "cluster", "init", "--name", first.name)
	first.start()
	first.awaitReady()
	second.run(first.run("", "cluster", "token"), "cluster", "join", first.address, "--name", second.name)
	began := time.Now()
	joined := g.watch(second.start)
	g.awaitVoters(2)
	took := time.Since(began)
	t.Logf("a new node has 1 GiB of models after %.1f s, %.0f MB/s, with its start", took.Seconds(), largeModels*largeModel/1e6/took.Seconds())
	joining := joined("the new node gets all models")
	second.checkModels()

	second.end(syscall.SIGTERM)
	started := g.watch(second.start)
	second.awaitReady()
	time.Sleep(5 * time.Second)
	usual := started("a start without work")

	second.end(syscall.SIGTERM)
	damaged := second.damageModel()
	began = time.Now()
	repaired := g.watch(second.start)
	eventually(t, "the damaged model is replaced", func() error { return checkModel(damaged) })
	t.Logf("a node has replaced a damaged model of 128 MiB %.1f s after its start", time.Since(began).Seconds())
	repairing := repaired("the node repairs a model")
	for i, n := range g.nodes {
		if most := max(joining[i], repairing[i]); most > usual[i]+largeModel/2 {
			t.Errorf("%s uses %s of memory, and %s without work", n.name, mib(most), mib(usual[i]))
		}
	}
}

// watch calls start, and returns a function that logs and returns the most memory that each node has
// used since.
func (g *group) watch(start func()) func(what string) []int64 {
	start()
	var peaks []func() int64
	for _, n := range g.nodes {
		peaks = append(peaks, n.watchMemory())
	}
	return func(what string) (most []int64) {
		for i, n := range g.nodes {
			most = append(most, peaks[i]())
			g.t.Logf("%s: %s uses at most %s of memory", what, n.name, mib(most[i]))
		}
		return most
	}
}

// checkModels checks the code of all models on the disk.
func (n *node) checkModels() {
	n.t.Helper()
	files := n.models()
	if len(files) != 2*largeModels {
		n.t.Errorf("%s has %d models, want %d", n.name, len(files), 2*largeModels)
	}
	for _, file := range files {
		if err := checkModel(file); err != nil {
			n.t.Error(err)
		}
	}
}

// models returns the files with code, in the order of their names.
func (n *node) models() []string {
	files, err := filepath.Glob(filepath.Join(n.modelsFolder(), "code", "*"))
	if err != nil {
		n.t.Fatal(err)
	}
	slices.Sort(files)
	return files
}

func (n *node) size(file string) int64 {
	info, err := os.Stat(file)
	if err != nil {
		n.t.Fatal(err)
	}
	return info.Size()
}

// damageModel changes a byte of a large model, and returns its file.
func (n *node) damageModel() string {
	n.t.Helper()
	files := n.models()
	slices.SortStableFunc(files, func(a, b string) int { return cmp.Compare(n.size(b), n.size(a)) })
	file := files[largeModels/2]
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		n.t.Fatal(err)
	}
	defer f.Close()
	old := make([]byte, 1)
	if _, err := f.ReadAt(old, largeModel/3); err != nil {
		n.t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte{old[0] ^ 1}, largeModel/3); err != nil {
		n.t.Fatal(err)
	}
	if checkModel(file) == nil {
		n.t.Fatal("the model is not damaged")
	}
	return file
}

// checkModel returns an error unless the file has the content of which it has the name.
func checkModel(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	want, _ := hex.DecodeString(filepath.Base(file))
	if !bytes.Equal(h.Sum(nil), want) {
		return fmt.Errorf("%s has other content", filepath.Base(file))
	}
	return nil
}
