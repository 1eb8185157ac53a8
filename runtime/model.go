package runtime

import "context"

// ModelKind is the format of a model's code.
type ModelKind string

const (
	// ModelPickle is the format of TabPy's client: a cloudpickle of a
	// tabpy.tabpy_tools.custom_query_object.CustomQueryObject.
	ModelPickle ModelKind = "pickle"
	// ModelSource is Python source in UTF-8: a module, one of whose functions is called.
	ModelSource ModelKind = "source"
)

// Model is one version of a deployed endpoint. Its code is not trusted: it is loaded and run in
// cells only.
type Model struct {
	Name     string // of the endpoint, as errors and tracebacks show it
	Version  int    // from 1
	Kind     ModelKind
	Function string   // of a ModelSource; if empty, the function named like the endpoint, or the only one
	Requires []string // modules that the model declares as needed, for the choice of the guest; may be nil
	Digest   string   // SHA-256 of kind, function, code and required modules, hexadecimal
	// Grants are those of the endpoint. While the model is loaded, it may use their folders; in its
	// queries, everything. If it is nil, the model may use nothing outside of its cell.
	Grants *Grants
	// Content reads the code. It is called when a template is built, but not for a query that finds
	// one. The caller must not change the bytes.
	Content func(ctx context.Context) ([]byte, error)
}

// ModelInfo is the description that a model gives of itself when it is loaded. Like all that comes
// from a model it is not trusted; it is text of limited length.
type ModelInfo struct {
	Function   string      `json:"function"`  // name of the function
	Docstring  string      `json:"docstring"` // without indentation, as inspect.getdoc returns it; may be empty
	Signature  string      `json:"signature"` // as Python prints it, such as "(x, y=2)"; empty if Python has none
	Parameters []Parameter `json:"parameters"`
}

// Parameter is a parameter of a model.
type Parameter struct {
	Name string `json:"name"`
	// Kind is the name that Python's inspect has for it: "positional-only", "positional or
	// keyword", "variadic positional", "keyword-only" or "variadic keyword".
	Kind       string `json:"kind"`
	Default    string `json:"default,omitempty"`    // repr of the default, shortened; empty if the argument is required
	Annotation string `json:"annotation,omitempty"` // as written, shortened; may be empty
}

// ModelError is the reason why a model cannot be loaded: its code failed, is damaged, or was made
// by another version of Python.
type ModelError struct {
	Class string // Python's class name, such as "ModuleNotFoundError"
	// Text is str(exception), or a sentence with the remedy. TabPy's status shows it after "Load
	// failed: ".
	Text      string
	Line      int    // of the source, from 1; 0 if it is unknown, as for a pickled model
	Traceback string // for the log
}

func (e *ModelError) Error() string { return e.Class + " : " + e.Text }
