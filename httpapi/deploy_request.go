package httpapi

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"regexp"

	"tabcell/httpapi/internal/pyjson"
	"tabcell/runtime/registry"
)

// deployRequest is the body of a request that changes an endpoint. Besides TabPy's members, it may
// have members of tabcell's own, which contain the code in place of src_path: "source", Python
// text, with "function" and "requires"; or "archive", in base64. "override" replaces an existing
// endpoint.
type deployRequest struct {
	name    string
	members map[string][]byte // as JSON texts in Python's dialect
	code    *registry.Code    // the code, if it did not come with the body; else nil
	memory  memory            // for copies of the code
}

// deployKeys lists the members of a deployRequest. Other members of a body are ignored.
var deployKeys = []string{"name", "type", "description", "docstring", "dependencies", "schema", "is_public", "src_path", "target",
	"should_update_version", "source", "archive", "function", "requires", "override"}

// parseDeployBody parses a body. TabPy reports these errors before all others.
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

// str returns a member that must be a string, or "" if it is missing or null. ok reports whether
// it was one of these.
func (d deployRequest) str(key string) (s string, ok bool) {
	raw, present := d.members[key]
	if !present || string(raw) == "null" {
		return "", true
	}
	return s, raw[0] == '"' && json.Unmarshal(raw, &s) == nil
}

// isTrue reports whether Python treats a member as true.
func (d deployRequest) isTrue(key string) bool {
	switch string(d.members[key]) {
	case "", "null", "false", `""`, "[]", "{}", "0", "0.0", "-0", "-0.0":
		return false
	}
	return true
}

// hasCode reports whether the code came with the request.
func (d deployRequest) hasCode() bool {
	return d.code != nil || d.isTrue("source") || d.isTrue("archive")
}

// sourcePathPattern is TabPy's pattern for src_path.
var sourcePathPattern = regexp.MustCompile(`^[\\:a-zA-Z0-9\-_~\s/.()]+$`)

// newDeployment returns the new version that d asks for, including its code. old is the endpoint
// to replace, or the zero value. The checks have TabPy's order.
func (a *API) newDeployment(ctx context.Context, d deployRequest, old registry.Endpoint) (registry.Deployment, error) {
	deployment := registry.Deployment{Name: d.name, Target: old.Target}
	if err := registry.CheckName(d.name); err != nil {
		return deployment, err
	}
	if raw, present := d.members["docstring"]; present && raw[0] != '"' {
		return deployment, &pythonException{"TypeError", "encoding without a string argument"}
	}
	code, err := a.requestedCode(ctx, d)
	if err != nil {
		return deployment, err
	}
	deployment.Code = code
	if deployment.Metadata, err = d.metadata(old.Metadata); err != nil {
		return deployment, err
	}
	deployment.Target, err = d.target(old)
	if deployment.Target != "" {
		deployment.Code = registry.Code{} // GAP: an alias has no code; TabPy copies the file without using it
	}
	return deployment, err
}

// requestedCode returns the code of d, from the body or from the staging folder.
func (a *API) requestedCode(ctx context.Context, d deployRequest) (registry.Code, error) {
	if d.hasCode() {
		return d.inlineCode()
	}
	if d.isTrue("src_path") {
		return a.stagedCode(ctx, d)
	}
	if kind, _ := d.str("type"); kind != registry.TypeAlias {
		return registry.Code{}, badRequest("src_path is required to add/update an endpoint.")
	}
	if !d.isTrue("target") {
		return registry.Code{}, badRequest("Target is required for alias endpoint.")
	}
	return registry.Code{}, nil
}

func (a *API) stagedCode(ctx context.Context, d deployRequest) (registry.Code, error) {
	path, ok := d.str("src_path")
	if !ok {
		return registry.Code{}, badRequest("src_path must be a string.")
	}
	content, err := a.readStagedArchive(ctx, path, d.memory)
	if err != nil && !sourcePathPattern.MatchString(path) {
		err = badRequest("Invalid source path for endpoint %s", d.name)
	}
	return registry.Code{Kind: registry.Pickle, Content: content}, err
}

// inlineCode returns the code that came with the request.
func (d deployRequest) inlineCode() (registry.Code, error) {
	if d.code != nil {
		return *d.code, nil
	}
	// The text of the member is decoded to a string, and that to the code.
	if err := d.memory.reserve(2 * int64(len(d.members["source"])+len(d.members["archive"]))); err != nil {
		return registry.Code{}, err
	}
	function, ok := d.str("function")
	var requires []string
	if raw, present := d.members["requires"]; !ok || present && json.Unmarshal(raw, &requires) != nil {
		return registry.Code{}, badRequest("function must be a string, and requires must be a list of strings.")
	}
	code := registry.Code{Kind: registry.Source, Function: function, Requires: requires}
	source, ok := d.str("source")
	if !ok {
		return code, badRequest("source must be a string.")
	}
	if code.Content = []byte(source); source != "" {
		return code, nil
	}
	archive, ok := d.str("archive")
	content, err := base64.StdEncoding.DecodeString(archive)
	if !ok || err != nil {
		return code, badRequest("archive must be a string in base64.")
	}
	return registry.Code{Kind: registry.Pickle, Requires: requires, Content: content}, nil
}

// metadata returns old with the members that d has. As in TabPy, schema and is_public are reset if
// they are missing.
func (d deployRequest) metadata(old registry.Metadata) (registry.Metadata, error) {
	m := registry.Metadata{Description: old.Description, Docstring: old.Docstring, Dependencies: old.Dependencies}
	description, ok := d.str("description")
	if !ok && d.isTrue("description") {
		return m, badRequest("%sdescription must be a string.", stateErrorPrefix)
	}
	m.Description = cmp.Or(description, m.Description)
	docstring, _ := d.str("docstring")
	// GAP: TabPy decodes the docstring as if it were escaped, which garbles non-ASCII text.
	m.Docstring = cmp.Or(docstring, m.Docstring)
	if d.isTrue("dependencies") {
		m.Dependencies = nil
		if json.Unmarshal(d.members["dependencies"], &m.Dependencies) != nil { // GAP: TabPy refuses every list that is not empty
			return m, badRequest("%sdependencies must be a list.", stateErrorPrefix)
		}
	}
	m.Schema = d.members["schema"]
	if m.Schema != nil && !json.Valid(m.Schema) {
		return m, badRequest("%sschema must be JSON, without NaN and Infinity.", stateErrorPrefix) // GAP: TabPy accepts such a schema
	}
	if raw, present := d.members["is_public"]; present && string(raw) != "null" && json.Unmarshal(raw, &m.Public) != nil {
		return m, badRequest("%sis_public must be true or false.", stateErrorPrefix) // GAP: TabPy accepts any value
	}
	return m, nil
}

// target returns the target of the endpoint, or "" for a model.
func (d deployRequest) target(old registry.Endpoint) (string, error) {
	kind, ok := d.str("type")
	if !d.isTrue("type") {
		kind = old.Type
	}
	if kind == "" && d.hasCode() {
		kind = registry.TypeModel
	}
	switch {
	case !ok && d.isTrue("type"), kind == "":
		return "", badRequest("%sendpoint type must be a string.", stateErrorPrefix)
	case kind != registry.TypeModel && kind != registry.TypeAlias: // GAP: TabPy accepts any type, and then its client fails
		return "", badRequest("%sendpoint type must be model or alias.", stateErrorPrefix)
	case kind == registry.TypeModel:
		return "", nil
	}
	target, ok := d.str("target")
	if !ok {
		return "", badRequest("%starget must be a string.", stateErrorPrefix)
	}
	return cmp.Or(target, old.Target), nil
}
