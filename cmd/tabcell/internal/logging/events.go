package logging

import (
	"io"

	"github.com/rs/zerolog"
)

// eventWriter passes lines on, and reports the warnings and errors among them.
type eventWriter struct {
	io.Writer
	report func(level zerolog.Level, message string)
}

// withEvents returns w, or a writer to w that also reports warnings and errors if report is not
// nil.
func withEvents(w io.Writer, report func(level zerolog.Level, message string)) io.Writer {
	if report == nil {
		return w
	}
	return eventWriter{w, report}
}

// WriteLevel implements zerolog.LevelWriter.
func (w eventWriter) WriteLevel(level zerolog.Level, line []byte) (int, error) {
	if level >= zerolog.WarnLevel && level <= zerolog.PanicLevel {
		w.report(level, readRecord(line).Message)
	}
	if leveled, ok := w.Writer.(zerolog.LevelWriter); ok {
		return leveled.WriteLevel(level, line)
	}
	return w.Write(line)
}
