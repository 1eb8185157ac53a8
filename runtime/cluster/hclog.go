package cluster

import (
	"fmt"
	"io"

	"github.com/hashicorp/go-hclog"
	"github.com/rs/zerolog"
)

// raftLogger returns a logger for Raft that writes to log.
func raftLogger(log zerolog.Logger) hclog.Logger {
	logger := hclog.NewInterceptLogger(&hclog.LoggerOptions{Name: "raft", Level: hclog.Debug, Output: io.Discard})
	logger.RegisterSink(&sink{log})
	return logger
}

// sink implements hclog.SinkAdapter.
type sink struct{ log zerolog.Logger }

// Accept implements hclog.SinkAdapter. Raft reports a peer that is down many times a second as an
// error, and each step of an election, so that its messages are for debugging here. The node logs the
// changes that matter to an administrator.
func (s *sink) Accept(_ string, level hclog.Level, msg string, args ...any) {
	e := s.log.WithLevel(lowered(level))
	if level == hclog.Debug && s.log.GetLevel() > zerolog.TraceLevel || e == nil {
		return
	}
	for i := 0; i+1 < len(args); i += 2 {
		e = e.Str(fmt.Sprint(args[i]), fmt.Sprint(args[i+1]))
	}
	e.Msg("raft: " + msg)
}

func lowered(level hclog.Level) zerolog.Level {
	switch level {
	case hclog.Error, hclog.Warn, hclog.Info:
		return zerolog.DebugLevel
	}
	return zerolog.TraceLevel
}
