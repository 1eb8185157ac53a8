package doctor

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/buildinfo"
	"tabcell/runtime"
	"tabcell/runtime/osfile"
	"tabcell/settings"
)

// checkCache checks that the server can write to the cache folder and that other users cannot,
// because the server runs the compiled code in it.
func checkCache(dir string) Finding {
	const subject = "cache folder"
	if dir == "" {
		return Finding{Warning, subject, "none is configured; every start compiles the guest again",
			"set TABCELL_CACHE_DIR to a folder of this user"}
	}
	info, err := createAndWrite(dir)
	if err != nil {
		return Finding{Failure, subject, err.Error(),
			"give this user write permission, or set TABCELL_CACHE_DIR to another folder"}
	}
	text := fmt.Sprintf("%s, mode %04o, %d MiB", dir, info.Mode().Perm(), sizeOf(dir)>>20)
	policy := osfile.Policy{Folder: true, Denied: 0o022, Owners: []int{osfile.CurrentUser()}}
	if policy.Check(dir, info) != nil {
		return Finding{Failure, subject, text + ": other users can put code there, which the server would run",
			"run chmod 700 " + dir + ", or set TABCELL_CACHE_DIR to a folder of this user"}
	}
	return Finding{OK, subject, text, ""}
}

// createAndWrite creates a folder if necessary, checks that files can be created in it, and returns
// its info.
func createAndWrite(dir string) (fs.FileInfo, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	probe, err := os.CreateTemp(dir, "doctor")
	if err != nil {
		return nil, err
	}
	probe.Close()
	os.Remove(probe.Name())
	return os.Stat(dir)
}

// sizeOf returns the total size in bytes of the readable files in a folder and its subfolders.
func sizeOf(dir string) (total int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
			total += info.Size()
		}
		return nil
	})
	return total
}

// checkCode checks that the compiled code that was installed with the program, if any, belongs to
// it.
func checkCode(c settings.Cells, program runtime.Program) Finding {
	const subject = "compiled code"
	dir := buildinfo.CodeDir(c, program.Path)
	if dir == "" {
		return Finding{OK, subject, "none is installed with the program; the first start compiles the guest", ""}
	}
	if err := runtime.CheckBundle(dir, program); err != nil {
		return Finding{Warning, subject, fmt.Sprintf("%s is not used: %v", dir, err),
			"create it again with tabcell warm --into " + dir + ", or remove it"}
	}
	return Finding{OK, subject, dir + " belongs to this program", ""}
}

func checkPort(s settings.Server, listen func(settings.Server) (net.Listener, error)) Finding {
	addr := net.JoinHostPort(s.ListenHost(), strconv.Itoa(s.Port))
	listener, err := listen(s)
	if err != nil {
		return Finding{Failure, "port", "cannot listen on " + addr, err.Error()}
	}
	listener.Close()
	return Finding{OK, "port", addr + " is free", ""}
}

// checkGuest verifies the digests of the guest in the program.
func checkGuest() Finding {
	guest, err := assets.Core()
	if err != nil {
		return Finding{Failure, "guest", err.Error(), "the program file is damaged; install it again"}
	}
	return Finding{OK, "guest", fmt.Sprintf("%s, Python %s, digests match", guest.Name, assets.Manifest().Python), ""}
}
