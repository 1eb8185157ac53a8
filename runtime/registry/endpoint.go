package registry

import (
	"encoding/json"
	"slices"

	"tabcell/runtime/osfile"
)

// Kind says what a version's code is.
type Kind string

// The kinds of code.
const (
	Pickle Kind = "pickle" // an archive of TabPy's client
	Source Kind = "source" // Python source, UTF-8
)

// The types of endpoints, as TabPy names them.
const (
	TypeModel = "model"
	TypeAlias = "alias"
)

// NoDocstring stands where a function has none, as in TabPy.
const NoDocstring = "-- no docstring found in query function --"

// Metadata is what is said about an endpoint.
type Metadata struct {
	Description  string          `json:"description"`
	Docstring    string          `json:"docstring"`
	Schema       json.RawMessage `json:"schema,omitempty"` // any JSON; nil is null
	Dependencies []string        `json:"dependencies"`
	Public       bool            `json:"is_public"`
}

// Endpoint is what is known of one endpoint. It is a value that nobody changes: slices in it are shared.
type Endpoint struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Metadata
	Target   string    `json:"target,omitempty"`   // of an alias
	Version  int       `json:"version"`            // the current one
	Created  int64     `json:"created"`            // Unix seconds
	Modified int64     `json:"modified"`           // likewise
	Versions []Version `json:"versions,omitempty"` // of a model: newest first, so that the first is the current one
}

// Current is a model's current version.
func (e Endpoint) Current() Version {
	if len(e.Versions) == 0 {
		return Version{}
	}
	return e.Versions[0]
}

// Version is one version of a model.
type Version struct {
	Number    int      `json:"number"`
	Kind      Kind     `json:"kind"`
	Function  string   `json:"function,omitempty"` // of source: whose function is called
	Requires  []string `json:"requires,omitempty"` // modules that the model says it needs
	Sum       string   `json:"sum"`                // SHA-256 of the code, hex
	Size      int64    `json:"size"`               // of the code, bytes
	Docstring string   `json:"docstring"`
	Deployed  int64    `json:"deployed"`         // Unix seconds
	CopyOf    int      `json:"copy,omitempty"`   // rollbacks: the version that was deployed again
	Author    string   `json:"author,omitempty"` // who deployed it, as far as known
}

// Digest is the SHA-256 of kind, function and code, hex: versions with one digest run alike.
func (v Version) Digest() string {
	return osfile.Digest([]byte(string(v.Kind) + "\x00" + v.Function + "\x00" + v.Sum))
}

// Code is what a deployment brings.
type Code struct {
	Kind     Kind
	Function string
	Requires []string
	Content  []byte // not kept
}

// Digest is the digest that the code will have when it is deployed.
func (c Code) Digest() string {
	return Version{Kind: c.Kind, Function: c.Function, Sum: osfile.Digest(c.Content)}.Digest()
}

// Deployment is a new endpoint, or a new version of one.
type Deployment struct {
	Name string
	Metadata
	Target  string // an alias: the endpoint that it stands for; it has no code then
	Code    Code
	Replace bool // an endpoint of that name gets a new version; otherwise it is ErrExists
	Author  string
}

// sums are those of all versions of e.
func (e Endpoint) sums() []string {
	var sums []string
	for _, v := range e.Versions {
		if !slices.Contains(sums, v.Sum) {
			sums = append(sums, v.Sum)
		}
	}
	return sums
}
