package httpapi

import (
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/rs/zerolog"

	"tabcell/runtime"
)

const (
	mostName = 200     // bytes of a client's claim, a path, a method in the log
	mostText = 8 << 10 // bytes of a script, its output, or an error in the log

	statusGone = 499 // in the log only: the client left before there was an answer
)

// log is the logger of the request's context; its lines carry the call id.
func (x *exchange) log() *zerolog.Logger { return zerolog.Ctx(x.Request().Context()) }

// logLine writes the one line that each request gets. Its level follows the status: a 4xx is a warning, a 5xx an error, except where
// the script is at fault. Headers with credentials never come here.
func (x *exchange) logLine() {
	r, took, status := x.Request(), x.timing, x.Response().Status
	if x.gone {
		status = statusGone
	}
	e := x.log().WithLevel(x.level()).
		Str("method", clean(r.Method, mostName)).
		Str("path", clean(r.URL.Path, mostName)).
		Int("status", status).
		Int64("bytes", x.Response().Size).
		Str("remote", r.RemoteAddr)
	if x.route != "" {
		e = e.Str("route", x.route)
	}
	if took != (runtime.Timing{}) {
		e = e.Dur("queue", took.Queue).Dur("cell", took.Cell).Dur("run", took.Run).Dur("copy", took.Copy)
	}
	for key, header := range map[string]string{"client": "TabPy-Client", "user": "TabPy-User"} {
		if value := clean(r.Header.Get(header), mostName); value != "" {
			e = e.Str(key, value) // a claim of the client, never an identity
		}
	}
	x.logError(e).Dur("took", time.Since(x.started)).Msg("request")
}

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

func (x *exchange) level() zerolog.Level {
	_, fault := errors.AsType[*runtime.ScriptError](x.err)
	status := x.Response().Status
	switch {
	case x.gone, fault:
		return zerolog.WarnLevel
	case status >= 500:
		return zerolog.ErrorLevel
	case status >= 400:
		return zerolog.WarnLevel
	}
	return zerolog.InfoLevel
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

// clip8 is text of a script, bounded; it keeps its line breaks, which the logger escapes.
func clip8(text string) string {
	if len(text) <= mostText {
		return text
	}
	return strings.ToValidUTF8(text[:mostText], "") + "..."
}

// clean is a client's text, bounded, without line breaks, escapes, or whatever else would let it pose as more than one field.
func clean(text string, most int) string {
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
}
