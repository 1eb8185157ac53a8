//go:build unix

package hostfs

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tabcell/runtime/internal/grant"
)

// TestLinks reads through links that stay in the folder, and through links that lead out of it.
func TestLinks(t *testing.T) {
	w := newWorld(t, "/srv/models")
	for name, target := range map[string]string{
		"in": "a.txt", "in-deep": "sub/../sub/Model.pkl", "in-folder": "sub", "sub/up": "../a.txt",
		"out": "../outside/secret", "out-folder": "../outside", "absolute": filepath.Join(w.outside, "secret"), "root": "/", "parent": "..",
		"absolute-in": filepath.Join(w.granted, "a.txt"), "loop": "loop", "dangling": "nothing", "sub/out": "../../outside/secret", "chain": "out-folder/secret", "self": "../granted/a.txt",
	} {
		if err := os.Symlink(target, filepath.Join(w.granted, name)); err != nil {
			t.Fatal(err)
		}
	}
	fs := w.fs()
	for path, want := range map[string]string{"in": "hello", "in-deep": "model", "in-folder/Model.pkl": "model", "sub/up": "hello"} {
		if text, err := read(fs, "/srv/models/"+path); err != nil || text != want {
			t.Errorf("%s: %q, %v", path, text, err)
		}
	}
	for _, path := range []string{"out", "out-folder/secret", "absolute", "root/etc/passwd", "parent/outside/secret", "absolute-in", "sub/out", "chain", "self", "loop"} {
		if text, err := read(fs, "/srv/models/"+path); err == nil || err.Code != grant.Denied {
			t.Errorf("%s: %q, %+v", path, text, err)
		}
		if _, err := fs.Stat("/srv/models/" + path); err == nil {
			t.Errorf("%s can be described", path)
		}
		if _, err := fs.List("/srv/models/"+path, 512, 0); err == nil {
			t.Errorf("%s can be listed", path)
		}
	}
	_, err := read(fs, "/srv/models/out")
	wantCode(t, "text", err, grant.Denied, "/srv/models/out is a link that leads out of the granted folder")
	if got, err := names(t, fs, "/srv/models"); err != nil || strings.Join(got, " ") != "a.txt in in-deep in-folder/ sub/" {
		t.Errorf("names %q, %v", got, err)
	}
}

// TestSpecialFiles opens a pipe, a socket and a device. None may block or be opened.
func TestSpecialFiles(t *testing.T) {
	w := newWorld(t, "/srv/models")
	if err := syscall.Mkfifo(filepath.Join(w.granted, "pipe"), 0o666); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(w.granted, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	special := []string{"pipe", "socket"}
	if syscall.Mknod(filepath.Join(w.granted, "null"), syscall.S_IFCHR|0o666, 1<<8|3) == nil { // only root can
		special = append(special, "null")
	}
	fs := w.fs()
	for _, name := range special {
		begun := time.Now()
		_, err := read(fs, "/srv/models/"+name)
		wantCode(t, name, err, grant.Denied, "is a device, a pipe or a socket")
		_, err = fs.Stat("/srv/models/" + name)
		wantCode(t, name, err, grant.Denied, "is a device, a pipe or a socket")
		if took := time.Since(begun); took > 10*time.Second { // as long as the other side is not opened
			t.Errorf("%s blocked for %v", name, took)
		}
	}
	if got, _ := names(t, fs, "/srv/models"); strings.Join(got, " ") != "a.txt sub/" {
		t.Errorf("names %q", got)
	}
}

// TestPipeInPlace opens a pipe that has taken the place of a file after the file was described.
func TestPipeInPlace(t *testing.T) {
	w := newWorld(t, "/srv/models")
	if err := syscall.Mkfifo(filepath.Join(w.granted, "pipe"), 0o666); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		file, err := w.fs().mounts[0].openFile([]string{"pipe"})
		if err == nil {
			err = file.Close()
		}
		done <- err
	}()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the open of a pipe waits for its other side")
	}
}

// TestUnreadable reads a file and a folder without permission.
func TestUnreadable(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root reads every file")
	}
	w := newWorld(t, "/srv/models")
	os.Chmod(filepath.Join(w.granted, "a.txt"), 0)
	_, err := read(w.fs(), "/srv/models/a.txt")
	wantCode(t, "file", err, grant.Denied, "the server may not read /srv/models/a.txt")
}

// TestSwappedLinks replaces a file, a folder and the link to a folder with links to the outside,
// again and again, while files are read. The secret must never be read.
func TestSwappedLinks(t *testing.T) {
	w := newWorld(t, "/srv/models")
	w.write("outside/Model.pkl", "secret")
	swap := func(name, good, bad string) {
		at := filepath.Join(w.granted, name)
		for i := range 2 {
			os.RemoveAll(at + ".new")
			os.Symlink([]string{bad, good}[i], at+".new")
			os.Rename(at+".new", at)
		}
	}
	w.write("granted/good", "hello")
	done := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				swap("file", "good", "../outside/secret")
				swap("folder", "sub", "../outside")
				syscall.Mkfifo(filepath.Join(w.granted, "x"), 0o666)
				os.Rename(filepath.Join(w.granted, "x"), filepath.Join(w.granted, "file"))
			}
		}
	})
	read1 := map[string]int{}
	for end := time.Now().Add(time.Second); time.Now().Before(end); {
		fs := New(t.Context(), Options{Grants: w.grants, Used: func() {}, Record: true})
		for _, path := range []string{"/srv/models/file", "/srv/models/folder/Model.pkl", "/srv/models/folder/secret"} {
			text, _ := read(fs, path)
			read1[text]++
			_, _ = fs.Stat(path)
		}
		if got, err := names(t, fs, "/srv/models/folder"); err == nil && strings.Contains(strings.Join(got, " "), "secret") {
			t.Error("a folder outside was listed")
		}
		fs.State().Changed(t.Context(), w.grants)
		fs.End()
	}
	close(done)
	group.Wait()
	if read1["secret"] > 0 || read1["hello"]+read1["model"] == 0 {
		t.Errorf("texts %v", read1)
	}
}

// TestMovedFolder moves the folder and puts a link in its place while a call uses it.
func TestMovedFolder(t *testing.T) {
	w := newWorld(t, "/srv/models")
	fs := w.fs()
	if _, err := fs.Stat("/srv/models"); err != nil {
		t.Fatal(err)
	}
	os.Rename(w.granted, w.granted+".old")
	os.Symlink(w.outside, w.granted)
	if text, err := read(fs, "/srv/models/secret"); err == nil {
		t.Errorf("read %q", text)
	}
	if text, err := read(fs, "/srv/models/a.txt"); err != nil || text != "hello" {
		t.Errorf("read %q, %v", text, err)
	}
	_, err := read(w.fs(), "/srv/models/secret")
	wantCode(t, "a later call", err, grant.Denied, "has been replaced by a link")
}
