package cli

import (
	"context"
	"os"
	"regexp"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/testenv"
	"tabcell/runtime"
	"tabcell/runtime/runtimetest"
	"tabcell/settings"

	"go.uber.org/goleak"
)

// The server logs as the logger sections of TabPy's example file demand, including the context of a
// request.
func TestServeWithLoggerSections(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	folder := t.TempDir()
	t.Chdir(folder)
	testenv.WriteFile(t, "tabpy.conf", "[TabPy]\nTABPY_PORT = 0\nTABPY_LOG_DETAILS = true\n"+`[loggers]
keys=root
[handlers]
keys=rootHandler,rotatingFileHandler
[formatters]
keys=rootFormatter
[logger_root]
level=DEBUG
handlers=rootHandler,rotatingFileHandler
qualname=root
propagete=0
[handler_rootHandler]
class=StreamHandler
level=INFO
formatter=rootFormatter
args=(sys.stdout,)
[handler_rotatingFileHandler]
class=handlers.RotatingFileHandler
level=DEBUG
formatter=rootFormatter
args=('tabpy_log.log', 'a', 1000000, 5)
[formatter_rootFormatter]
format=%(asctime)s [%(levelname)s] (%(filename)s:%(module)s:%(lineno)d): %(message)s
datefmt=%Y-%m-%d,%H:%M:%S
`)
	engine := &fakeEvaluator{FakeEngine: runtimetest.NewFakeEngine()}
	stdout, stderr := testenv.NewOutput(), testenv.NewOutput()
	r := &testServer{engine: engine, stderr: stdout, signals: make(chan os.Signal, 2), code: make(chan int, 1)}
	a := &App{
		Args: []string{"tabcell", "--config", "tabpy.conf"}, Stdin: strings.NewReader(""), Stdout: stdout, Stderr: stderr, Signals: r.signals,
		Start: func(context.Context, settings.Settings, func(runtime.Progress)) (runtime.Evaluator, error) {
			return engine, nil
		},
	}
	go func() { r.code <- a.Run() }()
	r.url = "http://127.0.0.1:" + stdout.Find(t, `\(\w+\.go:\w+:\d+\): Web service listening on port (\d+)`)
	if status, body := r.request("POST", "/evaluate", returnOne); status != 200 {
		t.Fatalf("evaluate: %d %s", status, body)
	}
	const stamp = `\d{4}-\d\d-\d\d,\d\d:\d\d:\d\d `
	id := stdout.Find(t, `\n`+stamp+`\[INFO\] \(\w+\.go:\w+:\d+\): Call ID: ([0-9a-f-]{36}), Caller: 127\.0\.0\.1, Method: POST, URL: http://127\.0\.0\.1:\d+/evaluate\n`)
	stdout.Find(t, `\n`+stamp+`\[INFO\] \(\w+\.go:\w+:\d+\): 200 POST /evaluate \(127\.0\.0\.1\) \d+\.\d\dms .*, <<call ID: `+id+`>>\n`)
	r.signals <- os.Interrupt
	r.wait(t, exitOK)
	written := testenv.ReadFile(t, "tabpy_log.log")
	for _, want := range []string{`\[INFO\].*200 POST /evaluate`, `\[DEBUG\] \(\w+\.go:\w+:\d+\): Parameter `, `Exiting on signal 2`} {
		if !regexp.MustCompile(want).MatchString(written) {
			t.Errorf("no %s in the file:\n%s", want, written)
		}
	}
	if stderr.String() != "" || strings.Contains(stdout.String(), "DEBUG") {
		t.Errorf("stderr %q, stdout\n%s", stderr, stdout)
	}
}
