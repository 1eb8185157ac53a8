package server

import (
	"context"
	"crypto/x509"
	"fmt"
	"mime"
	"os"
	"strings"

	"tabcell/cmd/tabcell/internal/buildinfo"
	"tabcell/cmd/tabcell/internal/confine"
	"tabcell/runtime"
	"tabcell/settings"
)

// confine builds the wall around the process, when all that it needs from outside is open. The code
// of the guests comes later, so completeWall completes the wall.
func (s *service) confine(file string, loaded *settings.Loaded) (err error) {
	var plan confine.Plan
	if s.settings.Process.Confine != confine.Off {
		plan = s.plan(file, loaded)
		loadLazyFiles()
	}
	s.wall, err = confine.Build(s.settings.Process.Confine, plan)
	return err
}

// plan returns the rights that the server needs after its start. It logs those that the places of
// the files make too small or too large.
func (s *service) plan(file string, loaded *settings.Loaded) confine.Plan {
	paths, set := ReloadPaths(file, loaded), s.settings
	read, fixed := confine.ReadFiles(paths.Read)
	logs, shared := confine.LogFolders(paths.Logs)
	for _, path := range fixed {
		s.log.Info().Str("file", path).Msg("the folder of this file also holds the files of others, so the server can read only the present file; " +
			"move it to a folder of its own to replace it without a restart")
	}
	for _, folder := range shared {
		s.log.Warn().Str("folder", folder).Msg("the server keeps the right to write to this folder because of its log; move the log to a folder of its own")
	}
	plan := confine.Plan{
		Read:    append(append(read, systemFiles()...), set.Static.Path, set.Cells.Packages, buildinfo.CodeDir(set.Cells, buildinfo.ProgramPath())),
		Write:   []string{set.Models.Path, stagingFolder(set)},
		Prepare: []string{set.Cells.CacheDir},
		Logs:    logs,
	}
	if set.Audit.IsFile() { // unlike a log, the trail is read when it is opened again
		folders, _ := confine.LogFolders([]string{set.Audit.To})
		plan.Write = append(plan.Write, folders...)
	}
	for _, folder := range []string{set.Cells.CacheDir, stagingFolder(set)} {
		if folder != "" {
			_ = os.MkdirAll(folder, 0o700) // a missing folder could not be created later; its user reports errors
		}
	}
	addGrants(&plan, loaded.Grants)
	if s.node != nil {
		plan.Write = append(plan.Write, set.Cluster.Path)
		addConnections(&plan, loaded, s.node.Addresses()...)
	}
	if s.keys == nil { // this process fetches the key set
		addConnections(&plan, loaded, keySetAddresses(set.OAuth)...)
	} else {
		addConnections(&plan, loaded)
	}
	return plan
}

// systemFiles returns the files of the system that the server reads after its start: about itself
// and the machine, for metrics, limits and compiled code, and the time zone.
func systemFiles() []string {
	files := []string{
		"/proc/self", "/proc/self/exe", "/proc/stat", "/proc/meminfo", "/proc/sys/vm/max_map_count",
		"/proc/sys/fs/lease-break-time", "/sys/fs/cgroup",
		"/etc/localtime", "/usr/share/zoneinfo",
	}
	if tz := strings.TrimPrefix(os.Getenv("TZ"), ":"); strings.HasPrefix(tz, "/") {
		files = append(files, tz)
	}
	return files
}

// loadLazyFiles makes the standard library read files that it would otherwise read at their first
// use. The library reads them once; a second call waits for the first one.
func loadLazyFiles() {
	_ = mime.TypeByExtension(".html")
	_, _ = x509.SystemCertPool() // an error is reported by the connection that needs it
}

// completeWall waits until the code of the guests is mapped, and completes the wall. In the mode
// Auto, scripts run in the meantime. In the mode Require, it loads the full guest if its code could
// not be mapped otherwise.
func (s *service) completeWall(ctx context.Context, engine runtime.Evaluator) error {
	if router, ok := engine.(*runtime.Router); ok && !router.Prepared() {
		wait := router.WaitLoaded
		if s.settings.Process.Confine == confine.Require {
			wait = router.Wait
		}
		if err := wait(ctx); ctx.Err() != nil { // a guest that cannot be started needs no right either
			return err
		}
	}
	err := s.wall.Seal()
	s.logWall()
	if err != nil {
		return fmt.Errorf("TABCELL_CONFINE is %s, but the server cannot be confined: %w", confine.Require, err)
	}
	return nil
}

// logWall logs the state of the wall.
func (s *service) logWall() {
	state := s.wall.State()
	if missing := state.Missing(); missing != "" {
		s.log.Warn().Str("confined", state.List()).Str("missing", missing).
			Msg("the server is confined only in part; `tabcell doctor` shows what this system supports")
		return
	}
	s.log.Info().Str("confined", state.List()).Msg("the server has given up the rights that it does not need")
}

// Confinement implements httpapi.Confinement.
func (s *service) Confinement() map[string]bool {
	up := map[string]bool{}
	for part, present := range s.wall.State().Up {
		up[string(part)] = present
	}
	return up
}
