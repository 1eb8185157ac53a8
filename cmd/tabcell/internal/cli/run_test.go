package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tabcell/runtime"
	"tabcell/runtime/runtimetest"
	"tabcell/settings"
)

func TestExplain(t *testing.T) {
	source := script{name: "a.py", text: "x = 1\n\treturn é + x  \nlast", dataName: "data.json"}
	for _, c := range []struct {
		err  runtime.ScriptError
		want string
	}{
		{runtime.ScriptError{Kind: 1, Class: "NameError", Text: "name 'é' is not defined", Line: 2},
			"a.py:2: NameError : name 'é' is not defined\n  2 | \treturn é + x\n    | \t^^^^^^^^^^^^\n"},
		{runtime.ScriptError{Kind: 1, Class: "E", Text: "t", Line: 1}, "a.py:1: E : t\n  1 | x = 1\n    | ^^^^^\n"},
		{runtime.ScriptError{Kind: 1, Class: "E", Text: "t"}, "a.py: E : t\n"},
		{runtime.ScriptError{Kind: 1, Class: "E", Text: "t", Line: 4}, "a.py: E : t\n"},
		{runtime.ScriptError{Kind: runtime.KindEmpty}, "a.py: the script is empty\n"},
		{runtime.ScriptError{Kind: runtime.KindNames}, "data.json: the arguments must be named _arg1, _arg2 and so on, without a gap\n"},
		{runtime.ScriptError{Kind: runtime.KindData}, "data.json: the data must be one JSON object\n"},
	} {
		if got := source.explain(&c.err); got != c.want {
			t.Errorf("got\n%swant\n%s", got, c.want)
		}
	}
}

// runFake runs a script on a fake engine with the given behavior.
func runFake(t *testing.T, behavior runtimetest.Behavior, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	engine := &fakeEvaluator{FakeEngine: runtimetest.NewFakeEngine()}
	engine.On("the script", behavior)
	var out, err bytes.Buffer
	a := &App{
		Args: append([]string{"tabcell", "run"}, args...), Stdin: strings.NewReader("the script"), Stdout: &out, Stderr: &err,
		Signals: make(chan os.Signal, 1),
		Start: func(context.Context, settings.Settings, func(runtime.Progress)) (runtime.Evaluator, error) {
			return engine, nil
		},
	}
	code = a.Run()
	if engine.closed != 1 {
		t.Errorf("the engine was closed %d times", engine.closed)
	}
	return code, out.String(), err.String()
}

func TestRunExitCodes(t *testing.T) {
	for name, c := range map[string]struct {
		behavior       runtimetest.Behavior
		code           int
		stdout, stderr string
	}{
		"result":  {runtimetest.Returns("[1]"), exitOK, "[1]\n", ""},
		"error":   {runtimetest.Fails(&runtime.ScriptError{Kind: 1, Class: "E", Text: "t", Line: 1}), exitFailed, "", "-:1: E : t\n  1 | the script\n    | ^^^^^^^^^^\n"},
		"timeout": {runtimetest.Fails(runtime.ErrTimeout), exitLimit, "", "tabcell: -: " + runtime.ErrTimeout.Error() + "\n"},
		"memory":  {runtimetest.Fails(runtime.ErrMemory), exitLimit, "", "tabcell: -: " + runtime.ErrMemory.Error() + "\n"},
		"output":  {runtimetest.Fails(runtime.ErrOutput), exitLimit, "", "tabcell: -: " + runtime.ErrOutput.Error() + "\n"},
		"no memory": {runtimetest.Fails(&runtime.ScriptError{Kind: 1, Class: "MemoryError", Text: "t", Line: 1, Limit: runtime.ErrMemory}), exitLimit, "",
			"-:1: MemoryError : t\n  1 | the script\n    | ^^^^^^^^^^\n"},
		"files":        {runtimetest.Fails(&runtime.ScriptError{Kind: 1, Class: "OSError", Text: "t", Limit: runtime.ErrCellLimit}), exitLimit, "", "-: OSError : t\n"},
		"late timeout": {runtimetest.Fails(&runtime.ScriptError{Kind: runtime.KindTimeout, Class: "TimeoutError", Text: "t"}), exitLimit, "", "-: TimeoutError : t\n"},
		"crash":        {runtimetest.Fails(runtime.ErrCrash), exitFailed, "", "tabcell: -: " + runtime.ErrCrash.Error() + "\n"},
		"printed": {func(context.Context, runtime.Call, json.RawMessage) (runtime.Result, error) {
			return runtime.Result{Body: []byte("null"), Output: []byte("hello\n")}, nil
		}, exitOK, "null\n", "hello\n"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := runFake(t, c.behavior, "-")
			if code != c.code || stdout != c.stdout || stderr != c.stderr {
				t.Errorf("exit code %d, output\n%s%s", code, stdout, stderr)
			}
		})
	}
}

func TestRunPassesDataAndLimits(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data.json")
	if err := os.WriteFile(data, []byte(`{"_arg1": [1, 2]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	var got string
	code, _, stderr := runFake(t, func(_ context.Context, call runtime.Call, data json.RawMessage) (runtime.Result, error) {
		got = fmt.Sprintf("%s %v", data, call.Context.Timeout)
		return runtime.Result{Body: []byte("1")}, nil
	}, "--data", data, "--timeout", "2.5", "-")
	if code != exitOK || got != `{"_arg1": [1, 2]} 2.5` {
		t.Errorf("exit code %d, data and timeout %s\n%s", code, got, stderr)
	}
}

func TestRunInterrupted(t *testing.T) {
	engine := &fakeEvaluator{FakeEngine: runtimetest.NewFakeEngine()}
	entered := make(chan struct{})
	engine.On("the script", runtimetest.Blocks(entered))
	signals := make(chan os.Signal, 1)
	go func() {
		<-entered
		signals <- os.Interrupt
	}()
	var stderr bytes.Buffer
	a := &App{
		Args: []string{"tabcell", "run", "-"}, Stdin: strings.NewReader("the script"), Stderr: &stderr, Signals: signals,
		Start: func(context.Context, settings.Settings, func(runtime.Progress)) (runtime.Evaluator, error) {
			return engine, nil
		},
	}
	if code := a.Run(); code != exitInterrupted {
		t.Errorf("exit code %d\n%s", code, &stderr)
	}
}

// A signal during the start is reported like one during the script.
func TestRunInterruptedAtStart(t *testing.T) {
	signals := make(chan os.Signal, 1)
	var stderr bytes.Buffer
	a := &App{
		Args: []string{"tabcell", "run", "-"}, Stdin: strings.NewReader("the script"), Stderr: &stderr, Signals: signals,
		Start: func(ctx context.Context, _ settings.Settings, _ func(runtime.Progress)) (runtime.Evaluator, error) {
			signals <- os.Interrupt
			<-ctx.Done()
			return nil, errors.New("the cache folder cannot be locked")
		},
	}
	if code := a.Run(); code != exitInterrupted || stderr.String() != "tabcell: -: interrupted\n" {
		t.Errorf("exit code %d\n%s", code, &stderr)
	}
}

func TestRunRefusesInvalidUTF8(t *testing.T) {
	a := &App{Stdin: strings.NewReader("return '\xff'")}
	if _, err := a.readText("-"); err == nil {
		t.Error("invalid UTF-8 was accepted")
	}
}

// The guest receives every character of the script unchanged.
func TestRequestBody(t *testing.T) {
	text := "return '\\n\"\u2028<&>\x7f\x00é😀'\n"
	var got struct {
		Script string
		Data   map[string]float64
	}
	if err := json.Unmarshal(requestBody(text, `{"_arg1": 1}`), &got); err != nil || got.Script != text || got.Data["_arg1"] != 1 {
		t.Errorf("request %+v, error %v", got, err)
	}
}
