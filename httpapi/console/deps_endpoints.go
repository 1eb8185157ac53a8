package console

import (
	"context"
	"encoding/json"
	"time"

	"tabcell/runtime"
)

// Endpoints describes the deployed endpoints.
type Endpoints interface {
	// List returns at most limit endpoints whose names or descriptions contain search, in any case,
	// in the order of their names, and the number of all that do.
	List(search string, limit int) (list []Endpoint, total int)
	// Get returns an endpoint. at is the address of the server for clients. withSource states that
	// the text of a model that was deployed as source may be shown. ok is false if the endpoint does
	// not exist.
	Get(name string, at URL, withSource bool) (e EndpointDetail, ok bool)
}

// EndpointActions change and use endpoints as the server's API does, with its limits, its audit
// trail and the rights of the user. Their errors are those of the API; see Exchange.Describe.
type EndpointActions interface {
	// Deploy deploys a model, and returns the endpoint with its new version. If the model does not
	// load, nothing is changed, and the error is a *LoadFailedError.
	Deploy(Upload) (e Endpoint, created bool, err error)
	// RollBack deploys an old version again, or the one before the current version for 0.
	RollBack(name string, version int) (Endpoint, error)
	// Remove removes an endpoint.
	Remove(name string) error
	// Query calls an endpoint with a request body of /query.
	Query(ctx context.Context, name string, body []byte) (runtime.Result, error)
	// Export sends an endpoint with its versions as an archive.
	Export(name string) error
}

// Endpoint describes an endpoint in a list.
type Endpoint struct {
	Name        string     `json:"name"`
	State       string     `json:"state"` // LoadSuccessful, LoadInProgress or LoadFailed
	Version     int        `json:"version"`
	Type        string     `json:"type"` // model or alias
	Target      string     `json:"target,omitempty"`
	Description string     `json:"description"`
	LastUsed    *time.Time `json:"last_used,omitempty"`
	Calls       uint64     `json:"calls"` // of the current version since the server started
	Errors      uint64     `json:"errors"`
	P50         float64    `json:"p50_ms"` // of the recent calls, in the cell
	P99         float64    `json:"p99_ms"`
	Error       string     `json:"error,omitempty"` // why it does not load
}

// EndpointDetail describes an endpoint.
type EndpointDetail struct {
	Endpoint
	Usage      Usage           `json:"usage"`
	Docstring  string          `json:"docstring"`
	Signature  string          `json:"signature"`
	Parameters []Parameter     `json:"parameters"`
	Schema     json.RawMessage `json:"schema"`
	Source     string          `json:"source,omitempty"`
	Methods    []string        `json:"methods"`
	Versions   []Version       `json:"versions"`
	Grants     []Grant         `json:"grants"` // what its code may reach outside its cell
	LoadError  *LoadError      `json:"load_error,omitempty"`
	Advice     string          `json:"advice"`
}

// Grant is a grant of an endpoint. Values of variables are secret.
type Grant struct {
	Name      string   `json:"name"`
	Read      []string `json:"read"` // paths as the code writes them
	Connect   []string `json:"connect"`
	Variables []string `json:"env"` // names
}

// Usage has examples of calls, which are empty if the model is not loaded.
type Usage struct {
	Formula        string `json:"formula"` // for a SCRIPT_ calculation
	ModelExtension string `json:"model_extension"`
	Curl           string `json:"curl"`
}

// Parameter is a parameter of a model.
type Parameter struct {
	Name    string `json:"name"`
	Type    string `json:"type"` // REAL, INT, STR, BOOL or ""
	Kind    string `json:"kind"` // as Python's inspect names it
	Default string `json:"default,omitempty"`
}

// Version is a stored version of an endpoint.
type Version struct {
	Number  int       `json:"number"`
	Kind    string    `json:"kind"` // source or pickle
	Created time.Time `json:"created"`
	Author  string    `json:"author"`
	Size    int64     `json:"size"`
	SHA256  string    `json:"sha256"`
	CopyOf  int       `json:"copy_of,omitempty"` // the version that a roll back repeated
	Current bool      `json:"current"`
}

// LoadError is the exception with which a model does not load.
type LoadError struct {
	Class     string `json:"class"`
	Message   string `json:"message"`
	Line      int    `json:"line"` // of the source, from 1; 0 if it is unknown
	In        string `json:"in"`   // script or server
	Traceback string `json:"traceback,omitempty"`
}

// LoadFailedError reports that a model was not deployed because it does not load.
type LoadFailedError struct{ Load LoadError }

func (e *LoadFailedError) Error() string { return e.Load.Class + " : " + e.Load.Message }

// Upload is a model to deploy.
type Upload struct {
	Name        string
	Description string // "" keeps that of the endpoint
	Function    string // of a source; "" for its only public one
	Content     []byte
	IsSource    bool // otherwise it is an archive of TabPy's client
	Replace     bool // permits a new version of an endpoint that exists
}
