package server

import (
	"context"
	"errors"
	"os"
	"time"

	"tabcell/cmd/tabcell/internal/buildinfo"
	"tabcell/cmd/tabcell/internal/confine"
	"tabcell/runtime"
)

// errCodeChanged is the error of a server whose compiled code is about to be changed.
var errCodeChanged = errors.New("another program is changing the compiled code while it runs; " +
	"start the server again, which verifies the code")

// watchCode permits the engine to execute code in files that belong to the server's user, unless
// code that has taken over the process could write to them. If another process is about to change
// such a file, the server ends.
func (s *service) watchCode(failed chan<- error) (stop func()) {
	if s.settings.Process.Confine != confine.Off && !s.protectsCode() {
		return func() {}
	}
	running, end := context.WithCancel(context.Background())
	unwatch := runtime.WatchCode(func() {
		time.AfterFunc(runtime.MaxCodeChangeDelay/2, func() { // the graceful end may wait longer
			if running.Err() == nil {
				s.log.Error().Msg(errCodeChanged.Error())
				os.Exit(1)
			}
		})
		failed <- errCodeChanged
	})
	return func() { end(); unwatch() }
}

// protectsCode reports whether the process can only read the folders of compiled code when its wall
// is complete.
func (s *service) protectsCode() bool {
	cells := s.settings.Cells
	for _, folder := range []string{cells.CacheDir, buildinfo.CodeDir(cells, buildinfo.ProgramPath())} {
		if folder != "" && !s.wall.Protects(folder) {
			return false
		}
	}
	return true
}
