package doctor

import (
	"errors"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"testing"

	"tabcell/settings"
	"tabcell/settings/pylog"
)

var guests = []string{"core"}

func TestCacheFolder(t *testing.T) {
	parent := filepath.Join(t.TempDir(), "new")
	dir := filepath.Join(parent, "cache")
	if got := checkCache(dir, guests, nil); got.Severity != OK {
		t.Errorf("new folder: got %+v", got)
	}
	if _, err := os.Stat(parent); !os.IsNotExist(err) {
		t.Errorf("the check left a folder behind, which root would own if root runs it (error: %v)", err)
	}
	if got := checkCache("", guests, guests); got.Severity != Warning || got.Advice == "" {
		t.Errorf("no folder: got %+v", got)
	}
	if got := checkCache("", nil, nil); got.Severity != OK {
		t.Errorf("no folder, with installed code: got %+v", got)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, make([]byte, 3<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := checkCache(file, guests, guests); got.Severity != Warning || !strings.Contains(got.Text, "every start compiles") {
		t.Errorf("file instead of a folder: got %+v", got)
	}
	if size := sizeOf(filepath.Dir(file)); size != 3<<20 {
		t.Errorf("size: got %d, want %d", size, 3<<20)
	}
	if goruntime.GOOS == "windows" {
		return
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if got := checkCache(dir, guests, nil); got.Severity != Failure || !strings.Contains(got.Advice, "chmod 700") {
		t.Errorf("folder that others can write to: got %+v", got)
	}
}

// An administrator checks the folder of a service, which belongs to the service's user.
func TestCacheFolderOfAnotherUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("giving a folder to another user needs root")
	}
	dir := t.TempDir()
	if err := errors.Join(os.Chmod(dir, 0o700), os.Chown(dir, 65532, 65532)); err != nil {
		t.Fatal(err)
	}
	if got := checkCache(dir, guests, nil); got.Severity != Warning || !strings.Contains(got.Advice, "as the user of the server") {
		t.Errorf("got %+v", got)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if got := checkCache(dir, guests, nil); got.Severity != Failure {
		t.Errorf("with write permission for all: got %+v", got)
	}
}

func TestModelsFolder(t *testing.T) {
	m := settings.Models{Path: t.TempDir(), MaxMB: 1, KeepVersions: 1}
	if got := checkModels(m); got.Severity != OK || !strings.Contains(got.Text, "MiB are free") {
		t.Errorf("%+v", got)
	}
	m.MaxMB, m.KeepVersions = 1<<20, 1<<20
	if got := checkModels(m); got.Severity != Warning || !strings.Contains(got.Text, "1048576 versions of a model of 1048576 MiB") {
		t.Errorf("no file system has as much room: %+v", got)
	}
	if goruntime.GOOS != "windows" {
		if err := os.Chmod(m.Path, 0o777); err != nil {
			t.Fatal(err)
		}
		if got := checkModels(m); got.Severity != Failure || !strings.Contains(got.Advice, "chmod o-w") {
			t.Errorf("all users can write: %+v", got)
		}
	}
	if got := checkModels(settings.Models{}); got.Severity != Warning || got.Advice == "" {
		t.Errorf("no folder: %+v", got)
	}
}

func TestLogFolders(t *testing.T) {
	dir := t.TempDir()
	cfg := &pylog.Config{Handlers: []pylog.Handler{
		{Name: "console"},
		{Name: "file", File: pylog.File{Path: filepath.Join(dir, "a.log")}},
		{Name: "huge", File: pylog.File{Path: filepath.Join(dir, "b.log"), MaxBytes: 1 << 50, Backups: 9}},
		{Name: "lost", File: pylog.File{Path: filepath.Join(dir, "none", "c.log")}},
	}}
	findings := checkLogs(cfg)
	if len(findings) != 3 || findings[1].Severity != Warning || !strings.Contains(findings[1].Text, "10 files of 1125899906842624 bytes may take") ||
		findings[2].Severity != Failure || !strings.Contains(findings[2].Advice, "handler lost") {
		t.Errorf("%+v", findings)
	}
	if findings := checkLogs(nil); findings != nil {
		t.Errorf("%+v", findings)
	}
}

func TestAuditFolder(t *testing.T) {
	if f := checkAudit(settings.Audit{To: filepath.Join(t.TempDir(), "audit.jsonl"), MaxMB: 1}); len(f) != 1 || f[0].Severity != OK {
		t.Errorf("%+v", f)
	}
	if f := checkAudit(settings.Audit{To: filepath.Join(t.TempDir(), "audit.jsonl"), MaxMB: 1 << 20, Keep: 99999}); f[0].Severity != Warning {
		t.Errorf("a hundred petabytes: %+v", f)
	}
	if f := checkAudit(settings.Audit{To: filepath.Join(t.TempDir(), "none", "audit.jsonl")}); f[0].Severity != Failure {
		t.Errorf("no folder: %+v", f)
	}
}
