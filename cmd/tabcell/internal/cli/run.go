package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"tabcell/runtime"
	"tabcell/settings"

	"github.com/spf13/cobra"
)

const runHelp = `Run one script in a cell and print its answer as JSON.

The script is what Tableau's SCRIPT_ functions send: the body of a function, which returns its answer and finds its arguments in _arg1,
_arg2 and so on. They come from the JSON object in the file given with --data: {"_arg1": [1, 2], "_arg2": ["a", "b"]}.
What the script prints goes to standard error.`

const runExample = `  echo 'return [x * 2 for x in _arg1]' > double.py
  echo '{"_arg1": [1, 2, 3]}' > data.json
  tabcell run --data data.json double.py
  echo 'return 6 * 7' | tabcell run -`

// runOptions are the flags of run.
type runOptions struct {
	src  settings.Sources
	data string // path, "-" is stdin
}

func (a *App) runCommand() *cobra.Command {
	o := runOptions{src: settings.Sources{Environ: a.Environ}}
	cmd := &cobra.Command{
		Use:     "run [flags] SCRIPT.py|-",
		Short:   "Run one script in a cell and print its answer",
		Long:    runHelp + exitHelp,
		Example: runExample,
		Args:    cobra.ExactArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return a.runScript(o, args[0]) },
	}
	cmd.Flags().StringVar(&o.data, "data", "", "JSON `file` with the arguments")
	addSettings(cmd.Flags(), &o.src, "timeout", "memory", "guest", "cache-dir")
	return cmd
}

// script is what is run, with the name that errors show.
type script struct{ name, text string }

func (a *App) runScript(o runOptions, path string) error {
	loaded, err := loadSettings(o.src)
	if err != nil {
		return err
	}
	s := script{name: path}
	if s.text, err = a.readText(path); err != nil {
		return err
	}
	data := "{}"
	if o.data != "" {
		if data, err = a.readText(o.data); err != nil {
			return err
		}
	}
	ctx, cancel := a.signalContext()
	defer cancel()
	engine, err := a.startEngine(ctx, loaded.Settings)
	if err != nil {
		return err
	}
	call := runtime.Call{ID: "run", Body: requestBody(s.text, data), Context: callContext(loaded.Settings)}
	result, err := engine.Evaluate(ctx, call)
	return errors.Join(a.printResult(s, result, err), engine.Close())
}

// requestBody is what a client would send. data is not parsed here: it goes where every client's data goes, and NaN is as good there.
func requestBody(text, data string) []byte {
	quoted, _ := json.Marshal(text) // cannot fail for a string
	return fmt.Appendf(nil, `{"data": %s, "script": %s}`, data, quoted)
}

func callContext(s settings.Settings) runtime.CallContext {
	return runtime.CallContext{Protocol: "http", Port: fmt.Sprint(s.Server.Port), Timeout: json.Number(s.Evaluate.Timeout.String()), Headers: map[string]string{}}
}

// show prints what the script printed, then its answer or what went wrong.
func (a *App) printResult(s script, result runtime.Result, err error) error {
	if len(result.Output) > 0 {
		_, _ = a.Stderr.Write(append(bytes.TrimSuffix(result.Output, []byte("\n")), '\n'))
	}
	var told *runtime.ScriptError
	switch {
	case err == nil:
		_, err = fmt.Fprintf(a.Stdout, "%s\n", result.Body)
		return err
	case errors.As(err, &told):
		fmt.Fprint(a.Stderr, s.explain(told))
		return errReported
	}
	return fmt.Errorf("%s: %w", s.name, err)
}

// explain is the error with its line, an excerpt of the source, and a line of carets below what the line says.
func (s script) explain(e *runtime.ScriptError) string {
	lines := strings.Split(s.text, "\n")
	if e.Line < 1 || e.Line > len(lines) {
		return fmt.Sprintf("%s: %s\n", s.name, errorText(e))
	}
	line := strings.TrimRight(lines[e.Line-1], " \t\r")
	code := strings.TrimLeft(line, " \t")
	indent := line[:len(line)-len(code)] // its tabs keep the carets in place
	number := fmt.Sprint(e.Line)
	gutter := strings.Repeat(" ", len(number))
	carets := strings.Repeat("^", utf8.RuneCountInString(code))
	return fmt.Sprintf("%s:%d: %s\n  %s | %s\n  %s | %s%s\n", s.name, e.Line, errorText(e), number, line, gutter, indent, carets)
}

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
