package runtime

import "context"

// ModelKind says what a model's code is.
type ModelKind string

// The kinds of models.
const (
	// ModelPickle is what TabPy's client stores: a cloudpickle of tabpy.tabpy_tools.custom_query_object.CustomQueryObject.
	ModelPickle ModelKind = "pickle"
	// ModelSource is Python source, UTF-8: a module, one of whose functions is called.
	ModelSource ModelKind = "source"
)

// Model is one version of a deployed endpoint: code at rest. Nothing of it is trusted; it is loaded and run in cells only.
type Model struct {
	Name     string // the endpoint's, as errors and tracebacks show it
	Version  int    // from 1
	Kind     ModelKind
	Function string   // ModelSource: the function's name; "": the one named like the endpoint, or the only one
	Requires []string // modules that it says it needs, for the choice of the guest; may be nil
	Digest   string   // SHA-256 of kind, function and code, hex: two models with one digest may share a template
	// Content reads the code. It is called when a template is built, never for a query that finds one; the bytes are the callee's own.
	Content func(ctx context.Context) ([]byte, error)
}

// ModelInfo is what a model says about itself when it is loaded. It is the model's own word, bounded in length, and nothing but text.
type ModelInfo struct {
	Function   string      `json:"function"`  // the function's name
	Docstring  string      `json:"docstring"` // cleaned of indentation as inspect.getdoc does; "" for none
	Signature  string      `json:"signature"` // as Python prints it, such as "(x, y=2)"; "" where Python cannot tell
	Parameters []Parameter `json:"parameters"`
}

// Parameter is one of a model's parameters.
type Parameter struct {
	Name       string `json:"name"`
	Kind       string `json:"kind"`                 // as Python's inspect prints it: "positional-only", "positional or keyword", "variadic positional", "keyword-only", "variadic keyword"
	Default    string `json:"default,omitempty"`    // repr of the default, bounded; "" where there is none: the argument is required
	Annotation string `json:"annotation,omitempty"` // as written, bounded; "" for none
}

// ModelError is a model that cannot be loaded: its code failed, is damaged, or was made by another Python. Text is what TabPy's status
// shows after "Load failed: ", str(exception) in Python's words, or a sentence that says what to do.
type ModelError struct {
	Class     string // Python's class name, such as "ModuleNotFoundError"
	Text      string
	Traceback string // for the log
}

func (e *ModelError) Error() string { return e.Class + " : " + e.Text }

// Service names what a running call may ask of the server.
type Service string

// The services: TabPy's requests, by the names of its client's verbs. Each answers as its HTTP route does.
const (
	ServiceQuery  Service = "query"  // POST /query/NAME; body {"data": ...}: tabpy.query, and the client's query
	ServiceList   Service = "list"   // GET /endpoints; no name, no body
	ServiceStatus Service = "status" // GET /status; no name, no body
	ServiceDeploy Service = "deploy" // POST or PUT /endpoints; body as the client sends it, without src_path, with "override"; code is the archive or source
	ServiceUpdate Service = "update" // PUT /endpoints/NAME that changes what is said about an endpoint; body as the client sends it; no code
	ServiceRemove Service = "remove" // DELETE /endpoints/NAME
)

// Services is what a call may ask of the server, with the rights of the call's own caller and never with more. Whoever starts the call
// brings them; they know how deep in other calls it is, and refuse what is too deep. Serve answers like HTTP: a status and a body,
// finished JSON (empty for 204). It returns soon after ctx is done, which is the asking call's own context, so that its deadline holds for
// everything below it; a query below runs in the place of the call that asked, whose cell sleeps meanwhile. name, body and code are
// the script's own, and as hostile; code is the archive or source of ServiceDeploy, nil otherwise.
type Services interface {
	Serve(ctx context.Context, service Service, name string, body, code []byte) (status int, answer []byte)
}
