package logging

import "github.com/rs/zerolog"

// Levels of Python's logging.
const (
	levelTrace    = 5 // of zerolog only; below DEBUG
	levelDebug    = 10
	levelInfo     = 20
	levelNotice   = 25 // of syslog only
	levelWarning  = 30
	levelError    = 40
	levelCritical = 50
)

// pyLevel returns Python's number for a level of zerolog.
func pyLevel(level zerolog.Level) int {
	switch level {
	case zerolog.TraceLevel:
		return levelTrace
	case zerolog.DebugLevel:
		return levelDebug
	case zerolog.WarnLevel:
		return levelWarning
	case zerolog.ErrorLevel:
		return levelError
	case zerolog.FatalLevel, zerolog.PanicLevel:
		return levelCritical
	}
	return levelInfo
}

// zerologLevel returns the lowest level of zerolog that is at least the given level of Python.
func zerologLevel(minimum int) zerolog.Level {
	for level := zerolog.TraceLevel; level <= zerolog.ErrorLevel; level++ {
		if pyLevel(level) >= minimum {
			return level
		}
	}
	return zerolog.FatalLevel
}

// severity returns the severity of syslog (RFC 3164, 4.1.1) for a level of Python.
func severity(level int) int {
	switch {
	case level >= levelCritical:
		return 2
	case level >= levelError:
		return 3
	case level >= levelWarning:
		return 4
	case level >= levelNotice:
		return 5
	case level >= levelInfo:
		return 6
	}
	return 7
}
