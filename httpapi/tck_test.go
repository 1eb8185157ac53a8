package httpapi

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"tabcell/httpapi/tck"
	"tabcell/runtime"
)

// memory evaluates by remembering what TabPy's Python said to a body.
type recordedEvaluator map[string]tck.Response

func (m recordedEvaluator) Evaluate(_ context.Context, call runtime.Call) (runtime.Result, error) {
	said, ok := m[string(call.Body)]
	if !ok {
		return runtime.Result{}, errors.New("no recording has this body")
	}
	if said.Status == 200 {
		return runtime.Result{Body: []byte(said.BodyText)}, nil
	}
	var told errorBody
	if err := json.Unmarshal([]byte(said.BodyText), &told); err != nil {
		return runtime.Result{}, err // a page: an error that nobody foresaw
	}
	return runtime.Result{}, errorOfResponse(said.Status, told)
}

// faultOf is the evaluator's error behind one of TabPy's answers.
func errorOfResponse(status int, told errorBody) error {
	switch {
	case status == 408:
		return runtime.ErrTimeout
	case status == 404:
		return &runtime.ScriptError{Kind: runtime.KindNoResponse}
	case strings.HasPrefix(told.Message, "Script is"):
		return &runtime.ScriptError{Kind: runtime.KindEmpty}
	case strings.HasPrefix(told.Message, "Script parameters"):
		return &runtime.ScriptError{Kind: runtime.KindData}
	case strings.HasPrefix(told.Message, "Variables"):
		return &runtime.ScriptError{Kind: runtime.KindNames}
	}
	class, text, _ := strings.Cut(told.Info.(string), " : ")
	return &runtime.ScriptError{Kind: runtime.KindScript, Class: class, Text: text}
}

// remember collects what TabPy's Python said under a configuration.
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

// bodyOf is a request's body as an evaluator gets it.
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

// configOf reads of a configuration what the cases use.
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

// wireGroups are the groups whose cases need nothing but the wire and an evaluator.
var wireGroups = []string{"info", "evaluate-basic", "evaluate-errors", "evaluate-types", "evaluate-numpy-pandas", "columns", "tables", "tableau",
	"tutorials", "timeout", "limits", "cors"}

// The wire is TabPy's wherever the evaluator says what TabPy's Python said.
func TestRecordings(t *testing.T) {
	target := tck.Target{Start: startRecorded, Skip: func(c tck.Case) string {
		switch {
		case strings.Contains(c.Config, "auth"):
			return "people are known at the front door only"
		case c.Request.Method == "POST" && c.Request.Path == "/endpoints":
			return "models are kept at the front door only"
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
	b := &testServer{t: t, api: api, log: &syncBuffer{}}
	return b.start(cfg)
}
