package server

import (
	"io"

	"tabcell/cmd/tabcell/internal/audit"
	"tabcell/cmd/tabcell/internal/buildinfo"
	"tabcell/httpapi"
)

// openAudit opens the audit trail, if one is configured, and records the start.
func (s *service) openAudit(stdout io.Writer) (err error) {
	if s.audit, err = audit.Open(s.settings.Audit, stdout, s.log); err != nil {
		return err
	}
	if s.audit != nil {
		s.audit.SetNode(nodeName(s.settings.Cluster))
	}
	s.record(httpapi.AuditEvent{Kind: httpapi.AuditStart, Outcome: httpapi.AuditOK, Reason: "tabcell " + buildinfo.Current().Version})
	return nil
}

// record adds an event that has no client to the audit trail. It does nothing without a trail. The
// trail itself logs a failure.
func (s *service) record(e httpapi.AuditEvent) {
	if s.audit != nil {
		_ = s.audit.Record(e)
	}
}

// closeAudit records the stop and closes the audit trail. cause is the error that ended the server,
// or nil.
func (s *service) closeAudit(cause error) {
	if s.audit == nil {
		return
	}
	e := httpapi.AuditEvent{Kind: httpapi.AuditStop, Outcome: httpapi.AuditOK}
	if cause != nil {
		e.Outcome, e.Reason = httpapi.AuditFailed, cause.Error()
	}
	s.record(e)
	stats := s.audit.Stats()
	s.log.Info().Uint64("line", stats.Lines).Str("hash", stats.Head).Msg("the audit trail ends here until the next start")
	if err := s.audit.Close(); err != nil {
		s.log.Warn().Err(err).Msg("the audit trail could not be closed")
	}
}

// withAudit adds the audit trail to deps, if there is one.
func (s *service) withAudit(deps httpapi.Deps) httpapi.Deps {
	if s.audit != nil { // an interface with a nil *Trail would not be nil
		deps.Audit, deps.AuditStats = s.audit, s.audit
	}
	return deps
}
