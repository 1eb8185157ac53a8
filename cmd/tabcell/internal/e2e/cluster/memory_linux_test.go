//go:build cluster

package cluster

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"tabcell/runtime/registry"
)

var anonymous = regexp.MustCompile(`RssAnon:\s+(\d+) kB`)

// memory returns the memory in bytes that the server has allocated and uses. Files that are mapped,
// such as compiled guests, are not part of it.
func (n *node) memory() int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", n.process.Process.Pid))
	if err != nil {
		n.t.Fatal(err)
	}
	match := anonymous.FindSubmatch(text)
	if match == nil {
		n.t.Fatalf("the kernel does not say how much memory %s uses:\n%s", n.name, text)
	}
	kb, _ := strconv.ParseInt(string(match[1]), 10, 64) // digits
	return kb << 10
}

// watchMemory returns a function that ends the observation of a server and returns the most memory
// that it has used meanwhile, in bytes.
func (n *node) watchMemory() (peak func() int64) {
	most, stop := n.memory(), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
				most = max(most, n.memory())
			}
		}
	})
	return func() int64 {
		close(stop)
		group.Wait()
		return most
	}
}

// mib formats bytes.
func mib(bytes int64) string { return fmt.Sprintf("%.0f MiB", float64(bytes)/(1<<20)) }

// fillRegistry deploys endpoints into the models folder of a node that has not started. versions
// returns the code of the versions of an endpoint, the oldest first.
func (n *node) fillRegistry(count int, versions func(i int) [][]byte) {
	n.t.Helper()
	r, err := registry.Open(n.modelsFolder(), registry.Options{MaxCount: count})
	if err != nil {
		n.t.Fatal(err)
	}
	for i := range count {
		metadata := registry.Metadata{Description: fmt.Sprintf("the endpoint of number %d", i)}
		for _, content := range versions(i) {
			code := registry.Code{Kind: registry.Source, Function: "f", Content: content}
			if _, err := r.Deploy(registry.Deployment{Name: fmt.Sprintf("e%05d", i), Code: code, Metadata: metadata, Replace: true}); err != nil {
				n.t.Fatal(err)
			}
		}
	}
	if err := r.Close(); err != nil {
		n.t.Fatal(err)
	}
}

// memoryFolder returns a folder in memory, if the host has one, which lasts as long as the test.
func memoryFolder(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "tabcell-cluster-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
