package server

import (
	"context"
	"errors"
	"os"
	"time"

	"tabcell/cmd/tabcell/internal/confine"
	"tabcell/runtime"
)

// errCodeChanged is the error of a server whose compiled code is about to be changed.
var errCodeChanged = errors.New("another program is changing the compiled code in the cache folder while it runs; " +
	"start the server again, which verifies the code")

// watchCode permits the engine to execute code in the files of the cache folder, unless code that has
// taken over the process could write to them. If another process is about to change such a file, the
// server ends.
func (s *service) watchCode(failed chan<- error) (stop func()) {
	if s.settings.Process.Confine != confine.Off && !s.wall.Protects(s.settings.Cells.CacheDir) {
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
