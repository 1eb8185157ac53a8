package httpapi

import (
	"bytes"
	_ "embed"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
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
	Advice      string              `json:"advice,omitempty"` // if the model is not loaded: why not, and how to proceed
	Tableau     tableauBody         `json:"tableau"`
	Curl        string              `json:"curl"` // "" if the model is not loaded
	Timing      timingBody          `json:"timing"`
	Grants      []grantBody         `json:"grants,omitempty"` // of the endpoint; for an alias, of its model
	Versions    []versionBody       `json:"versions"`
}

// grantBody describes a grant of an endpoint: what its code may reach outside its cell. Values of
// variables are secret.
type grantBody struct {
	Name      string   `json:"name"`
	Read      []string `json:"read"` // paths as the code writes them
	Connect   []string `json:"connect"`
	Variables []string `json:"env"` // names
}

// newGrantBodies describes grants. It returns nil if there are none.
func newGrantBodies(list []*runtime.Grant) (all []grantBody) {
	for _, g := range list {
		b := grantBody{Name: g.Name, Read: []string{}, Connect: []string{}, Variables: slices.AppendSeq([]string{}, maps.Keys(g.Env))}
		for _, f := range g.Folders {
			b.Read = append(b.Read, f.Guest)
		}
		for _, t := range g.Connect {
			b.Connect = append(b.Connect, t.String())
		}
		slices.Sort(b.Variables)
		all = append(all, b)
	}
	return all
}

// tableauBody holds calculations to paste into Tableau. Without a loaded model there are none,
// because its arguments are unknown and calls would fail.
type tableauBody struct {
	Script string    `json:"script"`          // for SCRIPT_ functions
	Model  string    `json:"model_extension"` // for model extensions; "" if an argument has no name
	Result valueType `json:"result_type"`     // "" if it is unknown
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
	u := req.publicURL()
	b, types := a.usageOf(e, u)
	req.Response().Header().Set("Vary", "Accept-Encoding, Accept")
	if wantsJSON {
		return response{http.StatusOK, jsonPlain, pyjson.Marshal(b)}, nil
	}
	var page bytes.Buffer
	if err := usageTemplate.Execute(&page, usagePage{b, types, a.listURL(u)}); err != nil {
		return response{}, err
	}
	req.Response().Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	return response{http.StatusOK, html, page.Bytes()}, nil
}

// usagePage is the content of the HTML page.
type usagePage struct {
	usageBody
	Types []valueType // of the parameters
	List  string      // URL of the list of endpoints
}

// listURL returns the path of the page with the list of endpoints, or of the list itself if there
// is another page in its place.
func (a *API) listURL(u publicURL) string {
	if a.cfg.StaticPath != "" {
		return u.prefix + "/endpoints"
	}
	return u.prefix + "/"
}

// usagePath returns the path of an endpoint's usage page.
func (u publicURL) usagePath(name string) string {
	return u.prefix + "/endpoints/" + url.PathEscape(name) + "/usage"
}

// usageOf describes an endpoint for clients that reach this server at u. types has the types of the
// parameters.
func (a *API) usageOf(e registry.Endpoint, u publicURL) (b usageBody, types []valueType) {
	model, err := a.models.Resolve(e.Name)
	rec := a.models.snapshot(model)
	if err != nil {
		rec.setFailed(err)
	}
	b = usageBody{
		Name: e.Name, Version: e.Version, Type: e.Type, Target: e.Target, Status: rec.state(),
		Description: e.Description, Docstring: e.Docstring, Signature: rec.info.Signature, Parameters: rec.info.Parameters,
		Advice: a.adviceFor(e, rec, u), Timing: newTimingBody(rec.calls), Versions: versionsOf(e),
	}
	if a.models.grants != nil {
		b.Grants = newGrantBodies(a.models.grants.OfEndpoint(model.Name))
	}
	if rec.lastError != "" {
		b.LastError = &rec.lastError
	}
	if b.Parameters == nil {
		b.Parameters = []runtime.Parameter{}
	}
	schema := e.Schema
	if schema == nil {
		schema = model.Schema
	}
	for _, p := range b.Parameters {
		types = append(types, parseSchema(schema).argument(p))
	}
	if rec.loaded {
		x := newExample(e.Name, rec.info.Signature, b.Parameters, schema)
		b.Tableau, b.Curl = x.tableau(), x.curl(u.String(), a.curlAuth())
	}
	return b, types
}

// adviceFor returns how to proceed with an endpoint whose model is not loaded, or "" if it is.
func (a *API) adviceFor(e registry.Endpoint, rec record, u publicURL) string {
	const failed = "Calls of this endpoint fail, because its model does not load. "
	switch {
	case rec.loaded:
		return ""
	case rec.state() == loadInProgress:
		return "The model is not loaded yet. Open this page again in a few seconds; the arguments are known then."
	case !rec.permanent:
		return failed + "The reason may pass, so the next query loads it again; the log of the server has the details."
	case len(e.Versions) > 1:
		return failed + "Correct its code and deploy it again, or return to the previous version: curl " + a.curlAuth() + "-X POST '" +
			u.String() + "/endpoints/" + url.PathEscape(e.Name) + "/rollback'"
	}
	return failed + "Correct its code and deploy it again."
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
