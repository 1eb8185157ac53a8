package settings

import (
	"tabcell/settings/ini"
	"tabcell/settings/pylog"
)

// loadPyLog reads Python's logger sections of the file.
func (l *loader) loadPyLog(file *ini.File) {
	var warnings []pylog.Warning
	l.pylog, warnings = pylog.Read(file)
	for _, w := range warnings {
		l.warn(Problem{Origin: Origin{Layer: File, File: l.src.File, Line: w.Line}, Text: w.Text})
	}
}

// checkPyLog warns of the settings that the logger sections replace.
func (l *loader) checkPyLog() {
	for _, path := range []string{"log.level", "log.format"} {
		if l.pylog != nil && l.isSet(path) {
			l.warnAbout(path, "has no effect, because the file's logger sections replace it")
		}
	}
}

// LogFiles returns the paths of the files to which the handlers of the logger sections write.
func (l *Loaded) LogFiles() []string {
	if l.PyLog == nil {
		return nil
	}
	var files []string
	for _, h := range l.PyLog.Handlers {
		if h.File.Path != "" {
			files = append(files, h.File.Path)
		}
	}
	return files
}
