package console

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
	"unicode/utf8"

	"tabcell/runtime"
)

// runBody is the body of POST /run.
type runBody struct {
	Kind         string            `json:"kind"`
	Function     string            `json:"function"`
	Script       string            `json:"script"`
	FunctionName string            `json:"function_name"`
	Args         []json.RawMessage `json:"args"`
	Table        json.RawMessage   `json:"table"`
}

// runResult is the body of the response to POST /run.
type runResult struct {
	ID           string          `json:"id"`
	Value        json.RawMessage `json:"value"`
	Rows         int             `json:"rows"`
	Columns      []columnBody    `json:"columns,omitempty"`
	ExpectedRows int             `json:"expected_rows"`
	Stdout       string          `json:"stdout"`
	Stderr       string          `json:"stderr"`
	Truncated    truncatedBody   `json:"truncated"`
	Phases       phasesBody      `json:"phases"`
	Memory       uint64          `json:"memory_bytes"`
	Fuel         uint64          `json:"fuel"`
	Schema       *schemaBody     `json:"schema,omitempty"`
	Error        *scriptError    `json:"error,omitempty"`
	Warnings     []string        `json:"warnings"`
}

type columnBody struct {
	Name string `json:"name"`
	Rows int    `json:"rows"`
}

type truncatedBody struct {
	Value  bool `json:"value"`
	Bytes  int  `json:"value_bytes"`
	Stdout bool `json:"stdout"`
	Stderr bool `json:"stderr"`
}

type phasesBody struct {
	Queue     float64 `json:"queue_ms"`
	Cell      float64 `json:"cell_ms"`
	Run       float64 `json:"run_ms"`
	Parse     float64 `json:"parse_ms"`
	Serialize float64 `json:"serialize_ms"`
	Copy      float64 `json:"copy_ms"`
	Total     float64 `json:"total_ms"`
}

// run handles POST /run. Closing the request cancels the script.
func (c *Console) run(q *Request) (Response, error) {
	if !c.cfg.EvaluateEnabled {
		return Response{}, &Error{
			Status: http.StatusNotFound, Code: "unavailable", Message: "This server runs no scripts, only deployed endpoints.",
			Advice: "An administrator can change that with TABCELL_EVALUATE_ENABLE.",
		}
	}
	body, err := c.readRun(q)
	if err != nil {
		return Response{}, err
	}
	call := body.call()
	if err := q.Reserve(2 * int64(len(call.data)+len(call.script))); err != nil { // also in the body of the call
		return Response{}, err
	}
	result, err := c.runCall(q, call)
	if err != nil {
		return Response{}, err
	}
	result.ExpectedRows = body.rows()
	if call.schema != "" && result.Error == nil {
		if result.Schema, err = c.runSchema(q, call); err != nil {
			return Response{}, err
		}
	}
	result.Warnings = body.warnings(result)
	return jsonResponse(http.StatusOK, result), nil
}

// readRun reads and checks the body of POST /run.
func (c *Console) readRun(q *Request) (*runBody, error) {
	body := &runBody{}
	if err := readJSON(q, c.maxRequest(), body); err != nil {
		return nil, err
	}
	if err := q.Reserve(int64(len(body.Table) + len(body.Script))); err != nil { // the copies in body
		return nil, err
	}
	return body, body.check()
}

// runCall runs a script; see runInShare.
func (c *Console) runCall(q *Request, call pythonCall) (*runResult, error) {
	return c.runInShare(q, call, func(ctx context.Context) (runtime.Result, error) { return q.Evaluate(ctx, call.body()) })
}

// runInShare runs one call in the console's share of the cells. It returns an error if the call has
// not run; otherwise the result has the error of the script.
func (c *Console) runInShare(q *Request, call pythonCall, run func(context.Context) (runtime.Result, error)) (*runResult, error) {
	begun := time.Now()
	release, err := c.acquireShare(q)
	if err != nil {
		return nil, err
	}
	defer release()
	waited := time.Since(begun)
	result, err := run(q.Context())
	r, err := c.newRunResult(q, result, err, call)
	if err != nil {
		return nil, err
	}
	r.Phases.Queue += milliseconds(waited)
	r.Phases.Total = milliseconds(time.Since(begun))
	return r, nil
}

// newRunResult returns the result of a call that ended with err. It returns err if that is not the
// error of a script.
func (c *Console) newRunResult(q *Request, result runtime.Result, err error, call pythonCall) (*runResult, error) {
	r := &runResult{ID: q.ID(), Value: json.RawMessage("null"), Phases: newPhases(result.Timing), Memory: result.Memory, Fuel: result.Fuel, Warnings: []string{}}
	r.Stdout, r.Truncated.Stdout = printed(result.Output)
	r.Stderr, r.Truncated.Stderr = printed(result.Errors)
	if err != nil {
		if r.Error = newScriptError(err, call); r.Error == nil {
			return nil, err
		}
		return r, nil
	}
	if err := q.Reserve(int64(len(result.Body))); err != nil {
		return nil, err
	}
	v := cutValue(result.Body, maxAnswer)
	if v.invalid {
		r.Error = &scriptError{Class: "SystemError", Message: "the answer is not valid JSON", In: "server"}
		return r, nil
	}
	r.Value, r.Rows, r.Columns, r.Truncated.Value, r.Truncated.Bytes = v.text, v.rows, v.columns, v.cut, len(result.Body)
	return r, nil
}

func newPhases(t runtime.Timing) phasesBody {
	return phasesBody{
		Queue: milliseconds(t.Queue), Cell: milliseconds(t.Cell), Run: milliseconds(t.Run), Parse: milliseconds(t.Parse),
		Serialize: milliseconds(t.Serialize), Copy: milliseconds(t.Copy),
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// printed returns printed text and whether a part of it was dropped: the runtime then adds a note to
// the text that it keeps.
func printed(text []byte) (string, bool) { return string(text), len(text) > maxPrinted }

// cutText returns a text with at most limit bytes.
func cutText(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return fmt.Sprintf("%s... (cut; %d bytes in all)", text[:limit], len(text))
}

// acquireShare waits for a permit of the console's share of the cells.
func (c *Console) acquireShare(q *Request) (release func(), err error) {
	ctx, cancel := context.WithTimeoutCause(q.Context(), c.cfg.Timeout, errShareBusy)
	defer cancel()
	release, err = c.share.Acquire(ctx, runtime.Owner{Key: q.Owner()})
	if err == nil || q.Context().Err() != nil {
		return release, err
	}
	busy := &runtime.BusyError{RetryAfter: time.Second}
	if of, ok := err.(*runtime.BusyError); ok {
		busy = of
	}
	return nil, &Error{
		Status: http.StatusServiceUnavailable, Code: "busy", RetryAfter: busy.RetryAfter,
		Message: fmt.Sprintf("The console's part of the server is busy: %d of %d scripts run, and %d wait.", c.share.Running(), c.sharePermits(), c.share.Waiting()),
		Advice:  "Try again later. The console may use a quarter of TABCELL_CONCURRENCY, so that Tableau's scripts do not wait for it.",
	}
}
