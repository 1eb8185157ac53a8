package httpapi

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"regexp"

	"tabcell/httpapi/internal/pyjson"
	"tabcell/runtime/registry"
)

// order is the body of a request that changes an endpoint: TabPy's keys, and tabcell's own, which bring the code along: "source", Python text,
// or "archive", base64, in place of src_path; "function" and "requires" for source; "override" replaces an endpoint that exists.
type deployRequest struct {
	name    string
	members map[string][]byte // JSON texts, of Python's kind
	code    *registry.Code    // from elsewhere than the body; nil: the body says where it is
	reserve func(int64) error // counts the bytes that are read for it
}

// orderKeys are the keys of an order; what else a body has means nothing.
var deployKeys = []string{"name", "type", "description", "docstring", "dependencies", "schema", "is_public", "src_path", "target",
	"should_update_version", "source", "archive", "function", "requires", "override"}

// readOrder takes a body apart. Its errors are those that come before anything else is looked at.
func parseDeployBody(body []byte) (pyjson.Value, error) {
	if len(body) == 0 {
		return pyjson.Value{}, badRequest("Input body cannot be empty")
	}
	v, err := pyjson.Parse(body, deployKeys...)
	if err != nil {
		return v, &tabpyError{400, "Failed to decode input body", truncate(err.(*pyjson.Error).Text)}
	}
	return v, nil
}

// text is a member that must be text: ok tells whether it is. A missing one is "".
func (o deployRequest) text(key string) (s string, ok bool) {
	raw, there := o.members[key]
	if !there || string(raw) == "null" {
		return "", true
	}
	return s, raw[0] == '"' && json.Unmarshal(raw, &s) == nil
}

// truth is what Python takes a member for where it asks for true or false.
func (o deployRequest) isTrue(key string) bool {
	switch string(o.members[key]) {
	case "", "null", "false", `""`, "[]", "{}", "0", "0.0", "-0", "-0.0":
		return false
	}
	return true
}

// own tells whether the body brings its code along.
func (o deployRequest) hasCode() bool {
	return o.code != nil || o.isTrue("source") || o.isTrue("archive")
}

// paths is TabPy's pattern for src_path.
var sourcePathPattern = regexp.MustCompile(`^[\\:a-zA-Z0-9\-_~\s/.()]+$`)

// deployment is the new version that an order asks for, with its code read. old is the endpoint that it replaces, or nothing. The checks
// are TabPy's, in its order.
func (a *API) newDeployment(ctx context.Context, o deployRequest, old registry.Endpoint) (registry.Deployment, error) {
	d := registry.Deployment{Name: o.name, Target: old.Target}
	if err := registry.CheckName(o.name); err != nil {
		return d, err
	}
	if raw, there := o.members["docstring"]; there && raw[0] != '"' {
		return d, &pythonException{"TypeError", "encoding without a string argument"}
	}
	code, err := a.requestedCode(ctx, o)
	if err != nil {
		return d, err
	}
	d.Code = code
	if d.Metadata, err = o.about(old.Metadata); err != nil {
		return d, err
	}
	d.Target, err = o.target(old)
	if d.Target != "" {
		d.Code = registry.Code{} // GAP: an alias has no code; TabPy copies the file and never looks at it
	}
	return d, err
}

// codeOf finds the code of an order.
func (a *API) requestedCode(ctx context.Context, o deployRequest) (registry.Code, error) {
	if o.hasCode() {
		return o.inlineCode()
	}
	if o.isTrue("src_path") {
		return a.stagedCode(ctx, o)
	}
	if kind, _ := o.text("type"); kind != registry.TypeAlias {
		return registry.Code{}, badRequest("src_path is required to add/update an endpoint.")
	}
	if !o.isTrue("target") {
		return registry.Code{}, badRequest("Target is required for alias endpoint.")
	}
	return registry.Code{}, nil
}

func (a *API) stagedCode(ctx context.Context, o deployRequest) (registry.Code, error) {
	path, ok := o.text("src_path")
	if !ok {
		return registry.Code{}, badRequest("src_path must be a string.")
	}
	content, err := a.readStagedArchive(ctx, path, o.reserve)
	if err != nil && !sourcePathPattern.MatchString(path) {
		err = badRequest("Invalid source path for endpoint %s", o.name)
	}
	return registry.Code{Kind: registry.Pickle, Content: content}, err
}

// ownCode is the code that came with the request.
func (o deployRequest) inlineCode() (registry.Code, error) {
	if o.code != nil {
		return *o.code, nil
	}
	function, ok := o.text("function")
	var requires []string
	if raw, there := o.members["requires"]; !ok || there && json.Unmarshal(raw, &requires) != nil {
		return registry.Code{}, badRequest("function must be a string, and requires a list of strings.")
	}
	code := registry.Code{Kind: registry.Source, Function: function, Requires: requires}
	source, ok := o.text("source")
	if !ok {
		return code, badRequest("source must be a string.")
	}
	if code.Content = []byte(source); source != "" {
		return code, nil
	}
	archive, ok := o.text("archive")
	content, err := base64.StdEncoding.DecodeString(archive)
	if !ok || err != nil {
		return code, badRequest("archive must be a string in base64.")
	}
	return registry.Code{Kind: registry.Pickle, Requires: requires, Content: content}, nil
}

// about is what the order says about the endpoint; what it does not say stays as it was, but for schema and is_public, as in TabPy.
func (o deployRequest) about(old registry.Metadata) (registry.Metadata, error) {
	about := registry.Metadata{Description: old.Description, Docstring: old.Docstring, Dependencies: old.Dependencies}
	description, ok := o.text("description")
	if !ok && o.isTrue("description") {
		return about, badRequest("%sdescription must be a string.", stateErrorPrefix)
	}
	about.Description = orText(description, about.Description)
	docstring, _ := o.text("docstring")
	about.Docstring = orText(docstring, about.Docstring) // GAP: TabPy decodes it as if it were escaped, which garbles what is not ASCII
	if o.isTrue("dependencies") {
		about.Dependencies = nil
		if json.Unmarshal(o.members["dependencies"], &about.Dependencies) != nil { // GAP: TabPy refuses every list but an empty one
			return about, badRequest("%sdependencies must be a list.", stateErrorPrefix)
		}
	}
	about.Schema = o.members["schema"]
	if about.Schema != nil && !json.Valid(about.Schema) {
		return about, badRequest("%sschema must be JSON, without NaN and Infinity.", stateErrorPrefix) // GAP: TabPy would hand such a schema on
	}
	if raw, there := o.members["is_public"]; there && string(raw) != "null" && json.Unmarshal(raw, &about.Public) != nil {
		return about, badRequest("%sis_public must be true or false.", stateErrorPrefix) // GAP: TabPy stores anything
	}
	return about, nil
}

// target is the endpoint's target: "" for a model.
func (o deployRequest) target(old registry.Endpoint) (string, error) {
	kind, ok := o.text("type")
	if !o.isTrue("type") {
		kind = old.Type
	}
	if kind == "" && o.hasCode() {
		kind = registry.TypeModel
	}
	switch {
	case !ok && o.isTrue("type"), kind == "":
		return "", badRequest("%sendpoint type must be a string.", stateErrorPrefix)
	case kind != registry.TypeModel && kind != registry.TypeAlias: // GAP: TabPy stores any type, and then its own client breaks
		return "", badRequest("%sendpoint type must be model or alias.", stateErrorPrefix)
	case kind == registry.TypeModel:
		return "", nil
	}
	target, ok := o.text("target")
	if !ok {
		return "", badRequest("%starget must be a string.", stateErrorPrefix)
	}
	return orText(target, old.Target), nil
}
