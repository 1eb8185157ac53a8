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

const (
	maxLoggedName = 200     // bytes of a client's claim, a path, a method in the log
	maxLoggedText = 8 << 10 // bytes of a script, its output, or an error in the log

	statusClientGone = 499 // in the log only: the client left before there was an answer
)

// log is the logger of the request's context; its lines carry the call id.
func (req *request) logger() *zerolog.Logger { return zerolog.Ctx(req.Request().Context()) }

// logAccess writes the line that each request gets, in the form of TabPy's HTTP library, whose logger it also names. The fields are for
// machines; headers with credentials are not among them.
func (req *request) logAccess() {
	r, timing, took, status, source := req.Request(), req.timing, time.Since(req.started), req.status(), req.clientAddr()
	e := req.logger().WithLevel(req.accessLevel(status)).
		Str("logger", accessLogger).
		Str("method", sanitize(r.Method, maxLoggedName)).
		Str("path", sanitize(r.URL.Path, maxLoggedName)).
		Int("status", status).
		Int64("bytes", req.Response().Size).
		Str("remote", source)
	if req.route != "" {
		e = e.Str("route", req.route)
	}
	if timing != (runtime.Timing{}) {
		e = e.Dur("queue", timing.Queue).Dur("cell", timing.Cell).Dur("run", timing.Run).Dur("copy", timing.Copy)
	}
	req.addError(req.logClaims(e)).Dur("took", took).
		Msgf("%d %s %s (%s) %.2fms", status, sanitize(r.Method, maxLoggedName), redactTarget(r.RequestURI), source, took.Seconds()*1000)
}

// status is the answer's, or statusGone.
func (req *request) status() int {
	if req.clientGone {
		return statusClientGone
	}
	return req.Response().Status
}

// accessLogger is the name under which Python's logger sections know the access lines.
const accessLogger = "tornado.access"

// logError adds why a request failed. A script's exception is told by its class and line: its text may hold the data.
func (req *request) addError(e *zerolog.Event) *zerolog.Event {
	fault, ok := errors.AsType[*runtime.ScriptError](req.err)
	if !ok {
		if req.err != nil {
			e = e.Str("error", sanitize(req.err.Error(), maxLoggedText))
		}
		return e
	}
	req.logger().Debug().Str("traceback", truncateLogged(fault.Traceback)).Str("text", truncateLogged(fault.Text)).Msg("script error")
	return e.Str("error", sanitize(fault.Class, maxLoggedName)).Int("line", fault.Line)
}

// level is that of an access line: the client's fault is a warning, everything else that failed an error, as in TabPy. Health checks come
// every few seconds, and not being ready yet is no error.
func (req *request) accessLevel(status int) zerolog.Level {
	if strings.HasPrefix(req.route, "/health/") {
		return zerolog.DebugLevel
	}
	switch {
	case status >= 500:
		return zerolog.ErrorLevel
	case status >= 400:
		return zerolog.WarnLevel
	}
	return zerolog.InfoLevel
}

// logRefusal writes TabPy's sentence about an answer that says no.
func (req *request) logFailure(f failure) {
	if f.message == "" {
		return // a page: the access line says all
	}
	message, info := req.loggedFailure(f)
	req.logger().Error().Int("status", f.status).
		Msgf(`Responding with status=%d, message="%s", info="%s"`, f.status, sanitize(message, maxLoggedText), sanitize(info, maxLoggedText))
}

// told is a failure as the log shows it. GAP: TabPy logs the text of a script's exception, which may hold the data; here it takes the
// switch that logs scripts.
func (req *request) loggedFailure(f failure) (message, info string) {
	message = f.message
	switch v := f.info.(type) {
	case string:
		info = strings.ReplaceAll(v, `"`, `'`) // it may be a client's text, and must not pass for the end of the sentence
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

// logScript writes the body, which holds the script and its data, where that is asked for.
func (req *request) logScript(body []byte) {
	if req.api.cfg.LogScript {
		req.logger().Debug().Str("body", truncateLogged(string(body[:min(len(body), maxLoggedText+utf8.UTFMax)]))).Int("size", len(body)).Msg("evaluate")
	}
}

// logOutput writes what the script printed.
func (req *request) logOutput(output []byte) {
	if len(output) > 0 {
		req.logger().Debug().Str("output", truncateLogged(string(output))).Msg("printed")
	}
}

// logContext writes TabPy's line about who calls what, once a request that a route is meant for, when it is known who calls. Parts that are
// absent are left out.
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
	if person := sanitizeClaim(req.user.Name); person != "" {
		e = e.Str("person", person)
	}
	e.Msg(line)
}

// What Tableau says about itself and about the person who looks at a view: claims, never an identity.
const (
	clientHeader = "TabPy-Client"
	userHeader   = "TabPy-User"
)

func (req *request) logClaims(e *zerolog.Event) *zerolog.Event {
	for _, part := range []struct{ key, header string }{{"client", clientHeader}, {"user", userHeader}} {
		if value := sanitizeClaim(req.Request().Header.Get(part.header)); value != "" {
			e = e.Str(part.key, value)
		}
	}
	return e
}
