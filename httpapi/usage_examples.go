package httpapi

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"tabcell/httpapi/internal/pyjson"
	"tabcell/runtime"
)

// example describes a call of an endpoint, from which the texts of the examples are made.
type example struct {
	endpoint  string
	arguments []argument
	result    valueType
	known     bool // the arguments are those of the function, and not placeholders
	byName    bool // a function's argument can only be passed by name, so all are
}

// argument is an argument of an example.
type argument struct {
	name       string
	kind       string          // see runtime.Parameter
	valueType  valueType       // of the items of the list that Tableau passes
	sample     json.RawMessage // from the schema; nil if there is none
	positional bool            // cannot be passed by name
}

// newExample returns an example of a call. Two arguments stand for those of a function without
// parameters.
func newExample(endpoint, signature string, parameters []runtime.Parameter, schema json.RawMessage) example {
	s := parseSchema(schema)
	e := example{endpoint: endpoint, result: s.result(signature), known: len(parameters) > 0, byName: slices.ContainsFunc(parameters, requiresName)}
	if !e.known {
		parameters = []runtime.Parameter{{Name: "x"}, {Name: "y"}}
	}
	for _, p := range parameters {
		if p.Default == "" && p.Kind != "variadic keyword" && !(e.byName && p.Kind == "variadic positional") {
			e.arguments = append(e.arguments, newArgument(p, s, len(e.arguments)+1))
		}
	}
	return e
}

// identifier matches the names that parameters can have in Python. Others are not copied into a
// formula, in which they could end a text.
var identifier = regexp.MustCompile(`^[\pL_][\pL\pM\pN_]*$`)

// maxSample limits the length of a value that is copied from a schema into an example, in bytes.
const maxSample = 200

func newArgument(p runtime.Parameter, s endpointSchema, number int) argument {
	a := argument{name: p.Name, kind: p.Kind, valueType: s.argument(p), positional: p.Kind == "positional-only" || p.Kind == "variadic positional"}
	if !identifier.MatchString(p.Name) {
		a.name = fmt.Sprintf("arg%d", number)
	}
	if sample := s.Sample.Input[p.Name]; len(sample) <= maxSample {
		a.sample = sample
	}
	return a
}

// requiresName reports whether a parameter needs a value and can only be passed by name.
func requiresName(p runtime.Parameter) bool { return p.Kind == "keyword-only" && p.Default == "" }

// tableau returns calculations that call the endpoint. tabpy.query takes either positional or named
// arguments, not both.
func (e example) tableau() tableauBody {
	fields, arguments, names := "", "", ""
	for i, a := range e.arguments {
		fields += ", " + a.field()
		arguments += ", "
		if e.byName {
			arguments += a.name + "="
		}
		arguments += fmt.Sprintf("_arg%d", i+1)
		names += `, "` + a.name + `"`
	}
	result := cmp.Or(e.result, realType)
	b := tableauBody{
		Script: fmt.Sprintf(`SCRIPT_%s("return tabpy.query('%s'%s)['response']"%s)`, result, e.endpoint, arguments, fields),
		Result: e.result,
	}
	if e.known && !e.hasPositional() {
		b.Model = fmt.Sprintf(`MODEL_EXTENSION_%s("%s"%s%s)`, result, e.endpoint, names, fields)
	}
	return b
}

// field returns a field for the argument, aggregated, as table calculations require it.
func (a argument) field() string {
	aggregate := "SUM"
	if a.valueType == strType || a.valueType == boolType {
		aggregate = "ATTR"
	}
	return aggregate + "([" + strings.ReplaceAll(a.name, "]", "]]") + "])"
}

func (e example) hasPositional() bool {
	return slices.ContainsFunc(e.arguments, func(a argument) bool { return a.positional })
}

// curl returns a command line that calls the endpoint at a server. auth has curl's options for
// credentials, or nothing.
func (e example) curl(base, auth string) string {
	var data any = map[string]json.RawMessage{}
	for _, a := range e.arguments {
		data.(map[string]json.RawMessage)[a.name] = a.value()
	}
	if !e.known || e.hasPositional() {
		var list []json.RawMessage
		for _, a := range e.arguments {
			list = append(list, a.value())
		}
		data = list
	}
	quoted := strings.ReplaceAll(string(pyjson.Marshal(map[string]any{"data": data})), "'", `'\''`)
	return "curl " + auth + "-d '" + quoted + "' '" + base + "/query/" + url.PathEscape(e.endpoint) + "'"
}

// exampleValues has lists of values of each type.
var exampleValues = map[valueType]string{
	unknownType: `[1, 2, 3]`, intType: `[1, 2, 3]`, realType: `[1.5, 2.5, 3.5]`, strType: `["a", "b", "c"]`, boolType: `[true, false, true]`,
}

// value returns the sample, or else a list of values of the argument's type.
func (a argument) value() json.RawMessage {
	if a.sample != nil {
		return a.sample
	}
	return json.RawMessage(exampleValues[a.valueType])
}

// curlAuth returns curl's options for the credentials that the server asks for, with placeholders
// and a final space. It returns "" if there are none. With -u NAME, curl asks for the password.
func (a *API) curlAuth() string {
	if a.deps.Authenticator == nil {
		return ""
	}
	switch methods := a.deps.Authenticator.Methods(); {
	case methods.Basic:
		return "-u NAME "
	case methods.OAuth != nil:
		return "-H 'Authorization: Bearer TOKEN' "
	case methods.ClientCertificate:
		return "--cert CERTIFICATE.pem --key KEY.pem "
	}
	return ""
}
