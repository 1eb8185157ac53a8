package logging

import (
	"fmt"
	goruntime "runtime"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/rs/zerolog"
)

// sourceHook adds to each event the position in the source that logs it, while needed is true.
type sourceHook struct{ needed *atomic.Bool }

// Run implements zerolog.Hook.
func (s sourceHook) Run(e *zerolog.Event, _ zerolog.Level, _ string) {
	if !s.needed.Load() {
		return
	}
	var pcs [16]uintptr
	frames := goruntime.CallersFrames(pcs[:goruntime.Callers(2, pcs[:])])
	for {
		frame, more := frames.Next()
		if !strings.HasPrefix(frame.Function, "github.com/rs/zerolog.") {
			e.Str(sourceKey, sourceOf(frame))
			return
		}
		if !more {
			return
		}
	}
}

// sourceOf returns the position of a frame, such as "tabcell/httpapi/accesslog.go:45:logAccess". It
// uses the package path in place of the folder, which depends on the machine that built the
// program.
func sourceOf(frame goruntime.Frame) string {
	function := frame.Function
	slash := strings.LastIndexByte(function, '/') + 1
	dot := slash + max(0, strings.IndexByte(function[slash:], '.'))
	file := frame.File[strings.LastIndexByte(frame.File, '/')+1:]
	return fmt.Sprintf("%s/%s:%d:%s", function[:dot], file, frame.Line, functionName(strings.TrimPrefix(function[dot:], ".")))
}

// functionName returns the name of a function without its receiver and without the suffixes of
// function literals: "stop" for "(*service).stop.func1".
func functionName(qualified string) string {
	parts := strings.Split(qualified, ".")
	for len(parts) > 1 && strings.Trim(strings.TrimPrefix(parts[len(parts)-1], "func"), "0123456789") == "" {
		parts = parts[:len(parts)-1]
	}
	return parts[len(parts)-1]
}

// splitSource splits the result of sourceOf.
func splitSource(source string) (file string, line int, function string) {
	file, rest, _ := strings.Cut(source, ":")
	number, function, _ := strings.Cut(rest, ":")
	line, _ = strconv.Atoi(number)
	return file, line, function
}
