package cli

import (
	"tabcell/cmd/tabcell/internal/server"
	"tabcell/cmd/tabcell/internal/term"
	"tabcell/runtime"
)

// statusLine returns the line on Stderr that shows the progress. While it is shown, all other
// output to Stderr must be written to it.
func (a *App) statusLine() *term.StatusLine {
	if a.progress == nil {
		a.progress = term.NewStatusLine(a.Stderr)
	}
	return a.progress
}

// showProgress shows the progress of a start if stderr is a terminal.
func (a *App) showProgress(p runtime.Progress) {
	if a.Terminal {
		a.statusLine().Set(server.ProgressText(p))
	}
}

// hideProgress removes the progress of a start that has ended or failed.
func (a *App) hideProgress() {
	if a.Terminal {
		a.statusLine().Set("")
	}
}
