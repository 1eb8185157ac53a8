//go:build cluster

package cluster

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// smallDisk mounts a file system of 64 MB as the folder of a node until the test ends. It is in
// memory, so that it keeps its files when the node is killed, and flushes cost nothing.
func (n *node) smallDisk() {
	n.t.Helper()
	if err := os.MkdirAll(n.dir, 0o700); err != nil {
		n.t.Fatal(err)
	}
	if err := syscall.Mount("tabcell", n.dir, "tmpfs", 0, "size=64m,mode=0700"); err != nil {
		n.t.Fatalf("mount a file system on %s: %v", n.dir, err)
	}
	dir := n.dir
	n.t.Cleanup(func() {
		n.kill() // it has open files there
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			n.t.Errorf("unmount %s: %v", dir, err)
		}
	})
}

// fill writes a file until the disk of the node is full.
func (n *node) fill() {
	n.t.Helper()
	f, err := os.Create(n.ballast())
	if err != nil {
		n.t.Fatal(err)
	}
	defer f.Close()
	page := make([]byte, 4096)
	for err == nil {
		_, err = f.Write(page)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		n.t.Fatalf("fill the disk of %s: %v", n.name, err)
	}
}

// empty removes what fill has written.
func (n *node) empty() {
	n.t.Helper()
	if err := os.Remove(n.ballast()); err != nil {
		n.t.Fatal(err)
	}
}

func (n *node) ballast() string { return filepath.Join(n.dir, "ballast") }
