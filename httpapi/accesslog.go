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
	mostName = 200     // bytes of a client's claim, a path, a method in the log
	mostText = 8 << 10 // bytes of a script, its output, or an error in the log

	statusGone = 499 // in the log only: the client left before there was an answer
)

// log is the logger of the request's context; its lines carry the call id.
func (x *exchange) log() *zerolog.Logger { return zerolog.Ctx(x.Request().Context()) }

// logAccess writes the line that each request gets, in the form of TabPy's HTTP library, whose logger it also names. The fields are for
// machines; headers with credentials are not among them.
func (x *exchange) logAccess() {
	r, timing, took, status, source := x.Request(), x.timing, time.Since(x.started), x.status(), x.source()
	e := x.log().WithLevel(x.level(status)).
		Str("logger", accessLogger).
		Str("method", clean(r.Method, mostName)).
		Str("path", clean(r.URL.Path, mostName)).
		Int("status", status).
		Int64("bytes", x.Response().Size).
		Str("remote", source)
	if x.route != "" {
		e = e.Str("route", x.route)
	}
	if timing != (runtime.Timing{}) {
		e = e.Dur("queue", timing.Queue).Dur("cell", timing.Cell).Dur("run", timing.Run).Dur("copy", timing.Copy)
	}
	x.logError(x.claims(e)).Dur("took", took).
		Msgf("%d %s %s (%s) %.2fms", status, clean(r.Method, mostName), shownTarget(r.RequestURI), source, took.Seconds()*1000)
}

// status is the answer's, or statusGone.
func (x *exchange) status() int {
	if x.gone {
		return statusGone
	}
	return x.Response().Status
}

// accessLogger is the name under which Python's logger sections know the access lines.
const accessLogger = "tornado.access"

// logError adds why a request failed. A script's exception is told by its class and line: its text may hold the data.
func (x *exchange) logError(e *zerolog.Event) *zerolog.Event {
	fault, ok := errors.AsType[*runtime.ScriptError](x.err)
	if !ok {
		if x.err != nil {
			e = e.Str("error", clean(x.err.Error(), mostText))
		}
		return e
	}
	x.log().Debug().Str("traceback", clip8(fault.Traceback)).Str("text", clip8(fault.Text)).Msg("script error")
	return e.Str("error", clean(fault.Class, mostName)).Int("line", fault.Line)
}

// level is that of an access line: the client's fault is a warning, everything else that failed an error, as in TabPy. Health checks come
// every few seconds, and not being ready yet is no error.
func (x *exchange) level(status int) zerolog.Level {
	if strings.HasPrefix(x.route, "/health/") {
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
func (x *exchange) logRefusal(f failure) {
	if f.message == "" {
		return // a page: the access line says all
	}
	message, info := x.told(f)
	x.log().Error().Int("status", f.status).
		Msgf(`Responding with status=%d, message="%s", info="%s"`, f.status, clean(message, mostText), clean(info, mostText))
}

// told is a failure as the log shows it. GAP: TabPy logs the text of a script's exception, which may hold the data; here it takes the
// switch that logs scripts.
func (x *exchange) told(f failure) (message, info string) {
	message = f.message
	switch v := f.info.(type) {
	case string:
		info = strings.ReplaceAll(v, `"`, `'`) // it may be a client's text, and must not pass for the end of the sentence
	case nothing, nil:
		info = "None"
	default:
		info = strings.ReplaceAll(string(pyjson.Marshal(v)), `"`, `'`)
	}
	fault, ok := errors.AsType[*runtime.ScriptError](x.err)
	if !ok || x.api.cfg.LogScript || fault.Kind != runtime.KindScript && fault.Kind != runtime.KindQuery {
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
func (x *exchange) logScript(body []byte) {
	if x.api.cfg.LogScript {
		x.log().Debug().Str("body", clip8(string(body[:min(len(body), mostText+utf8.UTFMax)]))).Int("size", len(body)).Msg("evaluate")
	}
}

// logOutput writes what the script printed.
func (x *exchange) logOutput(output []byte) {
	if len(output) > 0 {
		x.log().Debug().Str("output", clip8(string(output))).Msg("printed")
	}
}

// logContext writes TabPy's line about who calls what, once a request that a route is meant for, when it is known who calls. Parts that are
// absent are left out.
func (x *exchange) logContext() {
	if !x.api.cfg.LogDetails {
		return
	}
	r := x.Request()
	target := x.shownURL()
	line := "Call ID: " + x.id + ", Caller: " + x.source() + ", Method: " + clean(r.Method, mostName) + ", URL: " + target
	for _, part := range []struct{ title, text string }{
		{"Client", claim(r.Header.Get(clientHeader))}, {"Tableau user", claim(r.Header.Get(userHeader))}, {"TabPy user", claim(x.user.Name)},
	} {
		if part.text != "" {
			line += ", " + part.title + ": " + onePart(part.text)
		}
	}
	e := x.claims(x.log().Info()).Str("remote", x.source()).Str("method", clean(r.Method, mostName)).Str("url", target)
	if person := claim(x.user.Name); person != "" {
		e = e.Str("person", person)
	}
	e.Msg(line)
}

// What Tableau says about itself and about the person who looks at a view: claims, never an identity.
const (
	clientHeader = "TabPy-Client"
	userHeader   = "TabPy-User"
)

func (x *exchange) claims(e *zerolog.Event) *zerolog.Event {
	for _, part := range []struct{ key, header string }{{"client", clientHeader}, {"user", userHeader}} {
		if value := claim(x.Request().Header.Get(part.header)); value != "" {
			e = e.Str(part.key, value)
		}
	}
	return e
}
