package httpapi

import (
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rs/zerolog"

	"tabcell/httpapi/internal/pyjson"
	"tabcell/runtime"
)

// statusClientGone is the status in the log if the client disconnected before the response was
// sent.
const statusClientGone = 499

// accessLogger is the logger name of access lines. It is the name of the logger of TabPy's HTTP
// library, so that the logger sections of a TabPy configuration apply.
const accessLogger = "tornado.access"

// logger returns the logger of the request's context. Its lines carry the call ID.
func (req *request) logger() *zerolog.Logger { return zerolog.Ctx(req.Request().Context()) }

// logAccess writes one line for each request. The message has the form of TabPy's HTTP library; the
// fields are for programs. No headers with credentials are logged.
func (req *request) logAccess() {
	r, timing, took, status, addr := req.Request(), req.timing, time.Since(req.started), req.status(), req.clientAddr()
	e := req.logger().WithLevel(req.accessLevel(status)).
		Str("logger", accessLogger).
		Str("method", sanitize(r.Method, maxLoggedName)).
		Str("path", sanitize(r.URL.Path, maxLoggedName)).
		Int("status", status).
		Int64("bytes", req.Response().Size).
		Str("remote", addr)
	if req.route != "" {
		e = e.Str("route", req.route)
	}
	if timing != (runtime.Timing{}) {
		e = e.Dur("queue", timing.Queue).Dur("cell", timing.Cell).Dur("run", timing.Run).Dur("copy", timing.Copy)
	}
	req.addError(req.logClaims(e)).Dur("took", took).
		Msgf("%d %s %s (%s) %.2fms", status, sanitize(r.Method, maxLoggedName), redactTarget(r.RequestURI), addr, took.Seconds()*1000)
}

// status returns the status of the response, or statusClientGone.
func (req *request) status() int {
	if req.clientGone {
		return statusClientGone
	}
	return req.Response().Status
}

// addError adds the reason for a failure to e, unless logFailure has logged it.
func (req *request) addError(e *zerolog.Event) *zerolog.Event {
	if _, ofScript := errors.AsType[*runtime.ScriptError](req.err); req.err == nil || req.reasonLogged || ofScript {
		return e // the text of a script's exception may contain data
	}
	return e.Str("error", sanitize(req.err.Error(), maxLoggedText))
}

// addFault adds the class and the line of a script's exception to e, but not its text, which may
// contain data. The text is logged at debug level.
func (req *request) addFault(e *zerolog.Event) *zerolog.Event {
	fault, ok := errors.AsType[*runtime.ScriptError](req.err)
	if !ok {
		return e
	}
	req.logger().Debug().Str("traceback", truncateLogged(fault.Traceback)).Str("text", truncateLogged(fault.Text)).Msg("script error")
	return e.Str("error", sanitize(fault.Class, maxLoggedName)).Int("line", fault.Line)
}

// accessLevel returns the level of the access line. As in TabPy, client errors are warnings and
// other failures are errors, except for mistakes of users and exceeded limits (see failureLevel).
// Health checks are logged at debug level, because they are frequent and a server that is not ready
// yet is not an error.
func (req *request) accessLevel(status int) zerolog.Level {
	if strings.HasPrefix(req.route, "/health/") {
		return zerolog.DebugLevel
	}
	switch of := severityOf(req.err); {
	case req.err != nil && of != serverFault:
		return of.failureLevel()
	case status >= 500:
		return zerolog.ErrorLevel
	case status >= 400:
		return zerolog.WarnLevel
	}
	return zerolog.InfoLevel
}

// logFailure writes TabPy's log line for a failure. For a mistake of a user and an exceeded limit,
// it is the only line with the reason.
func (req *request) logFailure(f failure) {
	if f.message == "" {
		return // an error page; the access line suffices
	}
	message, info := req.loggedFailure(f)
	of := severityOf(req.err)
	req.reasonLogged = of != serverFault
	req.addFault(req.logger().WithLevel(of.failureLevel())).Int("status", f.status).
		Msgf(`Responding with status=%d, message="%s", info="%s"`, f.status, sanitize(message, maxLoggedText), sanitize(info, maxLoggedText))
}

// loggedFailure returns the message and the info of f for the log.
//
// GAP: TabPy logs the text of a script's exception, which may contain data. tabcell replaces it by
// "..." unless LogScript is set.
func (req *request) loggedFailure(f failure) (message, info string) {
	message = f.message
	switch v := f.info.(type) {
	case string:
		info = strings.ReplaceAll(v, `"`, `'`) // a client's text must not imitate the end of the line
	case emptyObject, nil:
		info = "None"
	default:
		info = strings.ReplaceAll(string(pyjson.Marshal(v)), `"`, `'`)
	}
	fault, ok := errors.AsType[*runtime.ScriptError](req.err)
	if !ok || req.api.cfg.LogScript || fault.Kind != runtime.KindScript && fault.Kind != runtime.KindQuery {
		return message, info
	}
	if before, _, found := strings.Cut(message, fault.Text); found && fault.Text != "" {
		message = before + "..."
	}
	switch {
	case info == "None":
	case fault.Class == "":
		info = "..."
	default:
		info = fault.Class + " : ..."
	}
	return message, info
}

// logScript logs the beginning of the body, which contains the script and its data, if LogScript is
// set.
func (req *request) logScript(body []byte) {
	if req.api.cfg.LogScript {
		req.logger().Debug().Str("body", truncateLogged(string(body[:min(len(body), maxLoggedText+utf8.UTFMax)]))).Int("size", len(body)).Msg("evaluate")
	}
}

// logOutput logs the output of the script.
func (req *request) logOutput(output []byte) {
	if len(output) > 0 {
		req.logger().Debug().Str("output", truncateLogged(string(output))).Msg("printed")
	}
}

// logContext writes TabPy's line about the caller of a request, if LogDetails is set. It is written
// after authentication, for requests that match a route. Absent parts are left out.
func (req *request) logContext() {
	if !req.api.cfg.LogDetails {
		return
	}
	r := req.Request()
	target := req.loggedURL()
	line := "Call ID: " + req.id + ", Caller: " + req.clientAddr() + ", Method: " + sanitize(r.Method, maxLoggedName) + ", URL: " + target
	for _, part := range []struct{ title, text string }{
		{"Client", sanitizeClaim(r.Header.Get(clientHeader))}, {"Tableau user", sanitizeClaim(r.Header.Get(userHeader))}, {"TabPy user", sanitizeClaim(req.user.Name)},
	} {
		if part.text != "" {
			line += ", " + part.title + ": " + quotePart(part.text)
		}
	}
	e := req.logClaims(req.logger().Info()).Str("remote", req.clientAddr()).Str("method", sanitize(r.Method, maxLoggedName)).Str("url", target)
	if user := sanitizeClaim(req.user.Name); user != "" {
		e = e.Str("person", user)
	}
	e.Msg(line)
}

// Headers in which Tableau names itself and the user who views a workbook. They are not
// authenticated.
const (
	clientHeader = "TabPy-Client"
	userHeader   = "TabPy-User"
)

// logClaims adds the values of these headers to e.
func (req *request) logClaims(e *zerolog.Event) *zerolog.Event {
	for _, part := range []struct{ key, header string }{{"client", clientHeader}, {"user", userHeader}} {
		if value := sanitizeClaim(req.Request().Header.Get(part.header)); value != "" {
			e = e.Str(part.key, value)
		}
	}
	return e
}
