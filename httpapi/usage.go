package httpapi

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tabcell/httpapi/internal/pyjson"
	"tabcell/runtime"
	"tabcell/runtime/registry"
)

// usageBody describes how to call an endpoint. It is sent as an HTML page or as JSON.
type usageBody struct {
	Name        string              `json:"name"`
	Version     int                 `json:"version"`
	Type        string              `json:"type"`
	Target      string              `json:"target,omitempty"`
	Status      string              `json:"status"`
	LastError   *string             `json:"last_error"`
	Description string              `json:"description"`
	Docstring   string              `json:"docstring"`
	Signature   string              `json:"signature"` // "" if the model is not loaded
	Parameters  []runtime.Parameter `json:"parameters"`
	Tableau     tableauBody         `json:"tableau"`
	Curl        string              `json:"curl"`
	Timing      timingBody          `json:"timing"`
	Versions    []versionBody       `json:"versions"`
}

// tableauBody holds calculations to paste into Tableau.
type tableauBody struct {
	Script string `json:"script"`          // for SCRIPT_ functions
	Model  string `json:"model_extension"` // for model extensions; "" if an argument has no name
}

// timingBody summarizes the calls of the current version.
type timingBody struct {
	Calls    uint64  `json:"calls"` // since the server started
	Failures uint64  `json:"failures"`
	Median   float64 `json:"median_ms"` // of the recent calls, inside the cell
	Longest  float64 `json:"longest_ms"`
	Last     int64   `json:"last"` // Unix time of the last call in seconds; 0 if there was none
}

// versionBody describes a stored version.
type versionBody struct {
	Number   int      `json:"number"`
	Kind     string   `json:"kind"`
	Function string   `json:"function,omitempty"`
	Requires []string `json:"requires,omitempty"`
	Size     int64    `json:"size"`
	Sum      string   `json:"sha256"`
	Deployed int64    `json:"deployed"`
	Copy     int      `json:"copy_of,omitempty"`
	Author   string   `json:"author,omitempty"`
}

//go:embed usage.html
var usageHTML string

var usageTemplate = template.Must(template.New("usage").Parse(usageHTML))

// usage handles GET /endpoints/NAME/usage and usage.json. The former returns HTML if the client
// accepts it, the latter always JSON.
func (a *API) usage(req *request) (response, error) {
	suffix, wantsJSON := "/usage", !strings.Contains(req.Request().Header.Get("Accept"), "text/html")
	if strings.HasSuffix(req.Request().URL.Path, ".json") {
		suffix, wantsJSON = "/usage.json", true
	}
	name, err := a.segmentBetween(req, "/endpoints/", suffix)
	if err != nil {
		return response{}, err
	}
	e, ok := a.models.Get(name)
	if !ok {
		return response{}, &unknownEndpointError{name: name}
	}
	b := a.usageOf(e, a.baseURL(req.Request()))
	req.Response().Header().Set("Vary", "Accept-Encoding, Accept")
	if wantsJSON {
		return response{http.StatusOK, jsonPlain, pyjson.Marshal(b)}, nil
	}
	var page bytes.Buffer
	if err := usageTemplate.Execute(&page, b); err != nil {
		return response{}, err
	}
	req.Response().Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	return response{http.StatusOK, html, page.Bytes()}, nil
}

// baseURL returns the URL of this server as the client addressed it.
func (a *API) baseURL(r *http.Request) string {
	return a.cfg.Protocol + "://" + r.Host + a.prefix
}

func (a *API) usagePath(name string) string {
	return a.prefix + "/endpoints/" + url.PathEscape(name) + "/usage"
}

func (a *API) usageOf(e registry.Endpoint, base string) usageBody {
	status := a.statusOf(e)
	model, _ := a.models.Resolve(e.Name)
	rec := a.models.snapshot(model)
	b := usageBody{
		Name: e.Name, Version: e.Version, Type: e.Type, Target: e.Target, Status: status.Status, LastError: status.LastError,
		Description: e.Description, Docstring: e.Docstring, Signature: rec.info.Signature, Parameters: rec.info.Parameters,
		Timing: newTimingBody(rec.calls), Versions: versionsOf(e),
	}
	if b.Parameters == nil {
		b.Parameters = []runtime.Parameter{}
	}
	b.Tableau = tableauExamples(e.Name, b.Parameters)
	b.Curl = curlExample(base, e.Name, b.Parameters)
	return b
}

func newTimingBody(s callStats) timingBody {
	median, maximum := s.medianAndMax()
	b := timingBody{Calls: s.calls, Failures: s.failures, Median: milliseconds(median), Longest: milliseconds(maximum)}
	if !s.last.IsZero() {
		b.Last = s.last.Unix()
	}
	return b
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func versionsOf(e registry.Endpoint) []versionBody {
	versions := make([]versionBody, len(e.Versions))
	for i, v := range e.Versions {
		versions[i] = versionBody{v.Number, string(v.Kind), v.Function, v.Requires, v.Size, v.Sum, v.Deployed, v.CopyOf, v.Author}
	}
	return versions
}
