package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"tabcell/cmd/tabcell/internal/logging"
	"tabcell/runtime"
	"tabcell/settings"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
)

const runHelp = `Run one script in a cell and print its result as JSON.

The script is the body of a function, as Tableau's SCRIPT_ functions send it. It returns its result,
and its arguments are the variables _arg1, _arg2 and so on. Their values come from the JSON object
in the file of --data: {"_arg1": [1, 2], "_arg2": ["a", "b"]}. A file named "-" is standard input.
Text that the script prints goes to standard error.

--log-level adds the log of the engine on standard error; debug has the times of the call.`

const runExample = `  echo 'return [x * 2 for x in _arg1]' > double.py
  echo '{"_arg1": [1, 2, 3]}' > data.json
  tabcell run --data data.json double.py
  echo 'return 6 * 7' | tabcell run -`

// runOptions holds the flags of the run command.
type runOptions struct {
	src  settings.Sources
	data string // path of a JSON file; "-" is stdin
}

func (a *App) runCommand() *cobra.Command {
	o := runOptions{src: settings.Sources{Environ: a.Environ}}
	cmd := &cobra.Command{
		Use:     "run [flags] SCRIPT.py|-",
		Short:   "Run one script in a cell and print its result",
		Long:    runHelp + exitHelp,
		Example: runExample,
		Args:    cobra.ExactArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return a.runScript(o, args[0]) },
	}
	cmd.Flags().StringVar(&o.data, "data", "", "JSON `file` with the arguments of the script")
	addSettings(cmd.Flags(), &o.src, "timeout", "memory", "guest", "packages", "cache-dir", "log-level")
	return cmd
}

// script is a Python script and its data, with the names that errors show.
type script struct {
	name, text     string
	dataName, data string
}

func (a *App) runScript(o runOptions, path string) error {
	loaded, err := loadSettings(o.src)
	if err != nil {
		return err
	}
	s, err := a.readScript(path, o.data)
	if err != nil {
		return err
	}
	ctx, cancel := a.signalContext()
	defer cancel()
	ctx = a.logTo(ctx, o.src, loaded.Settings.Log)
	engine, err := a.startEngine(ctx, loaded.Settings)
	if errors.Is(err, errInterrupted) {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	if err != nil {
		return err
	}
	zerolog.Ctx(ctx).Debug().Msg("the guest is ready, and the call begins")
	call := runtime.Call{ID: "run", Body: requestBody(s.text, s.data), Context: callContext(loaded.Settings)}
	result, err := engine.Evaluate(ctx, call)
	t := result.Timing
	zerolog.Ctx(ctx).Debug().Dur("queue", t.Queue).Dur("cell", t.Cell).Dur("run", t.Run).Dur("copy", t.Copy).Msg("the call has ended")
	return errors.Join(a.printResult(s, result, err), engine.Close())
}

// readScript reads a script and its data. If dataPath is empty, the script has no arguments.
func (a *App) readScript(path, dataPath string) (s script, err error) {
	s = script{name: path, dataName: dataPath, data: "{}"}
	if path == "-" && dataPath == "-" {
		return s, errors.New("the script and its data cannot both be standard input")
	}
	if s.text, err = a.readText(path); err != nil || dataPath == "" {
		return s, err
	}
	if s.data, err = a.readText(dataPath); err != nil {
		return s, err
	}
	return s, checkData(dataPath, s.data)
}

// logTo returns a context whose log goes to stderr if --log-level is set.
func (a *App) logTo(ctx context.Context, src settings.Sources, cfg settings.Log) context.Context {
	if !src.Flags.Changed("log-level") {
		return ctx
	}
	cfg.Format = "text"
	return logging.New(cfg, a.logOutput()).WithContext(ctx)
}

// requestBody returns the body of an evaluate request. It does not encode data again, so that the
// guest parses it like the data of any client, including NaN.
func requestBody(text, data string) []byte {
	quoted, _ := json.Marshal(text) // cannot fail for a string
	return fmt.Appendf(nil, `{"data": %s, "script": %s}`, data, quoted)
}

// callContext returns the context of a call that does not come from a client.
func callContext(s settings.Settings) runtime.CallContext {
	return runtime.CallContext{Protocol: "http", Port: fmt.Sprint(s.Server.Port), Timeout: json.Number(s.Evaluate.Timeout.String()), Headers: map[string]string{}}
}

// printResult prints the output of the script to stderr, and then its result to stdout or its error
// to stderr.
func (a *App) printResult(s script, result runtime.Result, err error) error {
	if len(result.Output) > 0 {
		_, _ = a.Stderr.Write(append(bytes.TrimSuffix(result.Output, []byte("\n")), '\n'))
	}
	var scriptErr *runtime.ScriptError
	switch {
	case err == nil:
		_, err = fmt.Fprintf(a.Stdout, "%s\n", result.Body)
		return err
	case errors.As(err, &scriptErr):
		fmt.Fprint(a.Stderr, s.explain(scriptErr))
		return errors.Join(errReported, scriptErr) // the exit code depends on the limit, if it is about one
	}
	return fmt.Errorf("%s: %w", s.name, err)
}

// explain returns the text of the error with the line number, and the line of the script,
// underlined with carets.
func (s script) explain(e *runtime.ScriptError) string {
	if e.Kind == runtime.KindData || e.Kind == runtime.KindNames {
		return fmt.Sprintf("%s: %s\n", s.dataName, errorText(e))
	}
	lines := strings.Split(s.text, "\n")
	if e.Line < 1 || e.Line > len(lines) {
		return fmt.Sprintf("%s: %s\n", s.name, errorText(e))
	}
	line := strings.TrimRight(lines[e.Line-1], " \t\r")
	code := strings.TrimLeft(line, " \t")
	indent := line[:len(line)-len(code)] // its tabs keep the carets aligned
	number := fmt.Sprint(e.Line)
	gutter := strings.Repeat(" ", len(number))
	carets := strings.Repeat("^", utf8.RuneCountInString(code))
	return fmt.Sprintf("%s:%d: %s\n  %s | %s\n  %s | %s%s\n", s.name, e.Line, errorText(e), number, line, gutter, indent, carets)
}

// errorText returns the text of the error. Invalid requests get texts for users of the command,
// because those of TabPy describe an HTTP request.
func errorText(e *runtime.ScriptError) string {
	switch e.Kind {
	case runtime.KindEmpty:
		return "the script is empty"
	case runtime.KindData:
		return "the data must be one JSON object"
	case runtime.KindNames:
		return "the arguments must be named _arg1, _arg2 and so on, without a gap"
	}
	return e.Error()
}
