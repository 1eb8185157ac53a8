package httpapi

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tabcell/httpapi/tck"
	"tabcell/runtime"
)

// recordedEvaluator returns TabPy's recorded responses, by request body.
type recordedEvaluator map[string]tck.Response

func (r recordedEvaluator) Evaluate(_ context.Context, call runtime.Call) (runtime.Result, error) {
	recorded, ok := r[string(call.Body)]
	if !ok {
		return runtime.Result{}, errors.New("no recording has this body")
	}
	if recorded.Status == 200 {
		return runtime.Result{Body: []byte(recorded.BodyText)}, nil
	}
	var body errorBody
	if err := json.Unmarshal([]byte(recorded.BodyText), &body); err != nil {
		return runtime.Result{}, err // an error page, which is the response to an unexpected error
	}
	return runtime.Result{}, errorOfResponse(recorded.Status, body)
}

// errorOfResponse returns the evaluator's error that leads to the given response.
func errorOfResponse(status int, body errorBody) error {
	switch {
	case status == 408:
		return runtime.ErrTimeout
	case status == 404:
		return &runtime.ScriptError{Kind: runtime.KindNoResponse}
	case strings.HasPrefix(body.Message, "Script is"):
		return &runtime.ScriptError{Kind: runtime.KindEmpty}
	case strings.HasPrefix(body.Message, "Script parameters"):
		return &runtime.ScriptError{Kind: runtime.KindData}
	case strings.HasPrefix(body.Message, "Variables"):
		return &runtime.ScriptError{Kind: runtime.KindNames}
	}
	class, text, _ := strings.Cut(body.Info.(string), " : ")
	return &runtime.ScriptError{Kind: runtime.KindScript, Class: class, Text: text}
}

// loadRecordings returns the recorded responses of /evaluate for the configuration of s.
func loadRecordings(t testing.TB, s tck.ServerSpec, cfg Config) recordedEvaluator {
	m := recordedEvaluator{}
	for _, group := range wireGroups {
		cases, err := tck.Load(group)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			if c.Config != s.ConfigName {
				continue
			}
			for _, e := range append(c.Then, tck.Exchange{Request: c.Request, Response: c.Response}) {
				if strings.HasSuffix(e.Request.Path, "/evaluate") && e.Request.Method == "POST" {
					m[requestBody(e.Request, cfg.GzipRequests)] = e.Response
				}
			}
		}
	}
	return m
}

// requestBody returns the body of a request, as the evaluator gets it.
func requestBody(q tck.Request, inflate bool) string {
	switch {
	case q.BodyGen != nil:
		return q.BodyGen.Prefix + strings.Repeat(q.BodyGen.Repeat, q.BodyGen.Count) + q.BodyGen.Suffix
	case q.Body != nil:
		return *q.Body
	case inflate && q.Headers["Content-Encoding"] == "gzip":
		if z, err := gzip.NewReader(bytes.NewReader(q.BodyBase64)); err == nil {
			text, _ := io.ReadAll(io.LimitReader(z, 1<<20))
			return string(text)
		}
	}
	return string(q.BodyBase64)
}

// parseConfig returns the configuration of s, as far as the cases depend on it.
func parseConfig(t testing.TB, s tck.ServerSpec) Config {
	cfg := DefaultConfig()
	for line := range strings.Lines(s.ConfigText + s.StateINI) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " = ")
		var err error
		switch key {
		case "TABPY_MAX_REQUEST_SIZE_MB":
			cfg.MaxRequestBytes, err = strconv.ParseInt(value, 10, 32)
			cfg.MaxRequestBytes <<= 20
		case "TABPY_EVALUATE_TIMEOUT":
			cfg.Timeout, err = time.ParseDuration(value + "s")
		case "TABPY_EVALUATE_ENABLE":
			cfg.EvaluateEnabled, err = strconv.ParseBool(value)
		case "TABPY_GZIP_ENABLE":
			cfg.GzipRequests, err = strconv.ParseBool(value)
		case "Name":
			cfg.Service.Name = value
		case "Description":
			cfg.Service.Description = value
		case "Creation Time":
			cfg.Service.CreationTime = value
		case "Subdirectory":
			cfg.Subdirectory = value
		case "Access-Control-Allow-Origin":
			cfg.CORS.Origin = value
		case "Access-Control-Allow-Headers":
			cfg.CORS.Headers = value
		case "Access-Control-Allow-Methods":
			cfg.CORS.Methods = value
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return cfg
}

// wireGroups lists the groups of cases that need only this package and an evaluator.
var wireGroups = []string{"info", "evaluate-basic", "evaluate-errors", "evaluate-types", "evaluate-numpy-pandas", "columns", "tables", "tableau",
	"tutorials", "timeout", "limits", "cors"}

// With TabPy's results from the evaluator, all responses are equal to TabPy's, except those to
// other origins.
func TestRecordings(t *testing.T) {
	gaps := slices.DeleteFunc(slices.Clone(tck.Gaps), func(g tck.Gap) bool { return g.Group != "cors" })
	target := tck.Target{Start: startRecorded, Gaps: gaps, Skip: func(c tck.Case) string {
		switch {
		case strings.Contains(c.Config, "auth"):
			return "users are configured in the tests of the whole program"
		case c.Request.Method == "POST" && c.Request.Path == "/endpoints":
			return "models are stored in the tests of the whole program"
		}
		return ""
	}}
	for _, group := range wireGroups {
		t.Run(group, func(t *testing.T) { tck.RunGroup(t, target, group) })
	}
}

func startRecorded(t testing.TB, s tck.ServerSpec) (string, func()) {
	cfg := parseConfig(t, s)
	api, err := New(cfg, Deps{Evaluator: loadRecordings(t, s, cfg)})
	if err != nil {
		t.Fatal(err)
	}
	srv := &testServer{t: t, api: api, log: &syncBuffer{}}
	return srv.start(cfg)
}
