package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"tabcell/runtime/osfile"
	"tabcell/settings"
	"tabcell/settings/pylog"
)

// checkFolders checks the folders of models, logs and the audit trail.
func checkFolders(loaded *settings.Loaded) []Finding {
	findings := []Finding{checkModels(loaded.Settings.Models)}
	findings = append(findings, checkLogs(loaded.PyLog)...)
	return append(findings, checkAudit(loaded.Settings.Audit)...)
}

// checkCache checks that the server can write to the cache folder and that other users cannot,
// because the server runs the compiled code in it. missing has the guests whose code is not
// installed with the program, and uncompiled those whose code does not exist yet.
func checkCache(dir string, missing, uncompiled []string) Finding {
	const subject = "cache folder"
	switch {
	case len(missing) == 0:
		return Finding{OK, subject, "not needed: the code that was installed with the program has all guests", ""}
	case dir == "":
		return Finding{Warning, subject, "none is configured; every start compiles the guest again",
			"set TABCELL_CACHE_DIR to a folder of this user"}
	}
	info, err := createAndWrite(dir)
	if err != nil {
		return Finding{Warning, subject, err.Error() + "; every start compiles the guest again",
			"give this user write permission, or set TABCELL_CACHE_DIR to another folder"}
	}
	text := fmt.Sprintf("%s, mode %04o, %d MiB", dir, info.Mode().Perm(), sizeOf(dir)>>20)
	policy := osfile.Policy{Folder: true, Denied: 0o022}
	private := policy.Check(dir, info) == nil
	policy.Owners = []int{osfile.CurrentUser()}
	switch own := policy.Check(dir, info) == nil; {
	case private && !own:
		return Finding{Warning, subject, text + ": it belongs to another user; a server of that user can use it, one of this user compiles the guest again",
			"run the checks as the user of the server, for example with runuser -u tabcell -- tabcell doctor"}
	case !own:
		return Finding{Failure, subject, text + ": other users can put code there, which the server would run",
			"run chmod 700 " + dir + ", or set TABCELL_CACHE_DIR to a folder of this user"}
	}
	need := 0
	for _, guest := range uncompiled {
		need += codeMB[guest]
	}
	return checkSpace(Finding{OK, subject, text, ""}, dir, int64(need)<<20, "the code of the guests that are not compiled yet")
}

// checkModels checks the folder of deployed endpoints. It should have room for all versions of one
// more model of the largest size.
func checkModels(m settings.Models) Finding {
	const subject = "models folder"
	if m.Path == "" {
		return Finding{Warning, subject, "none is configured, so no endpoints can be deployed", "set TABCELL_MODELS_PATH to a private folder of this user"}
	}
	info, err := createAndWrite(m.Path)
	if err != nil {
		return Finding{Failure, subject, err.Error() + "; no endpoints can be deployed",
			"give this user write permission, or set TABCELL_MODELS_PATH to another folder"}
	}
	if policy := (osfile.Policy{Folder: true, Denied: 0o002}); info.Mode()&fs.ModeSticky == 0 && policy.Check(m.Path, info) != nil {
		return Finding{Failure, subject, fmt.Sprintf("%s, mode %04o: all users can replace models", m.Path, info.Mode().Perm()), "run chmod o-w " + m.Path}
	}
	text := fmt.Sprintf("%s, mode %04o, %d MiB", m.Path, info.Mode().Perm(), sizeOf(m.Path)>>20)
	return checkSpace(Finding{OK, subject, text, ""}, m.Path, int64(m.KeepVersions)*int64(m.MaxMB)<<20,
		fmt.Sprintf("%d versions of a model of %d MiB (TABCELL_MODELS_KEEP_VERSIONS, TABCELL_MODELS_MAX_MB)", m.KeepVersions, m.MaxMB))
}

// minLogSpace is the room for a log file without a limit, in bytes: about a million lines.
const minLogSpace = 200 << 20

// checkLogs checks the folders of the log files. A file that is rotated by size should have room
// for all of its backups.
func checkLogs(cfg *pylog.Config) []Finding {
	const subject = "log folder"
	if cfg == nil {
		return nil
	}
	var findings []Finding
	for _, h := range cfg.Handlers {
		if h.File.Path == "" {
			continue
		}
		need, what := int64(minLogSpace), "a log file without a limit of its size"
		if h.File.MaxBytes > 0 && h.File.Backups > 0 {
			need, what = h.File.MaxBytes*int64(h.File.Backups+1), fmt.Sprintf("%d files of %d bytes", h.File.Backups+1, h.File.MaxBytes)
		}
		folder := filepath.Dir(h.File.Path)
		findings = append(findings, checkWritable(subject, h.File.Path, folder, need, what,
			"create the folder and give this user write permission, or correct the handler "+h.Name))
	}
	return findings
}

// checkAudit checks that the server can create files in the folder of the audit trail. Beside the
// present file there should be room for the next one.
func checkAudit(a settings.Audit) []Finding {
	const subject = "audit trail"
	switch {
	case a.To == "":
		return nil
	case !a.IsFile():
		return []Finding{{OK, subject, "it goes to " + a.To, ""}}
	}
	files := max(2, a.Keep+1)
	need, what := int64(minLogSpace), "a file without a limit of its size"
	if a.MaxMB > 0 {
		need, what = int64(files)*int64(a.MaxMB)<<20, fmt.Sprintf("%d files of %d MiB (TABCELL_AUDIT_KEEP, TABCELL_AUDIT_MAX_MB)", files, a.MaxMB)
	}
	f := checkWritable(subject, a.To, filepath.Dir(a.To), need, what, "create the folder and give this user write permission, or correct TABCELL_AUDIT")
	if f.Severity == OK {
		f.Advice = "run tabcell audit verify to check its lines"
	}
	return []Finding{f}
}

// checkWritable checks that files can be created in a folder, which must exist.
func checkWritable(subject, file, folder string, need int64, what, advice string) Finding {
	if err := tryWrite(folder); err != nil {
		return Finding{Failure, subject, err.Error(), advice}
	}
	return checkSpace(Finding{OK, subject, file + " can be written", ""}, folder, need, what)
}

// checkSpace adds the free space of the file system of dir to a finding. It warns if the space,
// or the number of files that can still be created, is too small for what the folder will hold.
func checkSpace(f Finding, dir string, need int64, what string) Finding {
	space, ok := spaceOf(dir)
	if !ok {
		return f
	}
	f.Text += fmt.Sprintf("; %d MiB are free", space.bytes>>20)
	const advice = "free space, or use a folder on another file system"
	switch {
	case space.noFiles:
		f.Severity, f.Advice = Failure, "remove files, or use a folder on another file system"
		f.Text += ", but the file system has no room for more files"
	case space.bytes < uint64(need):
		f.Severity, f.Advice = Warning, advice
		f.Text += fmt.Sprintf(", but %s may take %d MiB", what, need>>20)
	}
	return f
}

// createAndWrite creates a folder if necessary, checks that files can be created in it, and
// returns its info. It removes the folders that it created.
func createAndWrite(dir string) (info fs.FileInfo, err error) {
	created := missingFolders(dir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err = tryWrite(dir); err == nil {
		info, err = os.Stat(dir)
	}
	for _, folder := range created {
		_ = os.Remove(folder)
	}
	return info, err
}

// missingFolders returns those of dir and its parents that do not exist, the innermost first.
func missingFolders(dir string) (missing []string) {
	for {
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) || slices.Contains(missing, dir) {
			return missing
		}
		missing = append(missing, dir)
		dir = filepath.Dir(dir)
	}
}

// tryWrite creates a file in a folder and removes it.
func tryWrite(folder string) error {
	probe, err := os.CreateTemp(folder, ".doctor")
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
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
