package httpapi

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"tabcell/httpapi/internal/pyjson"
	"tabcell/runtime"
)

// tableauExamples returns calculations that call the endpoint name. Two arguments stand for those
// of a model that is not loaded or that takes any number of them. tabpy.query takes either
// positional or named arguments, not both.
func tableauExamples(name string, parameters []runtime.Parameter) tableauBody {
	fields, arguments, named := []string{}, []string{}, []string{`"` + name + `"`}
	nameable, byName := len(parameters) > 0, slices.ContainsFunc(parameters, requiresName)
	for i, p := range exampleParameters(parameters) {
		argument := fmt.Sprintf("_arg%d", i+1)
		if byName {
			argument = p.Name + "=" + argument
		}
		arguments = append(arguments, argument)
		fields = append(fields, "SUM(["+strings.ReplaceAll(p.Name, "]", "]]")+"])")
		named = append(named, `"`+p.Name+`"`)
		nameable = nameable && p.Kind != "positional-only" && p.Kind != "variadic positional"
	}
	query := "return tabpy.query('" + strings.Join(append([]string{name + "'"}, arguments...), ", ") + ")['response']"
	b := tableauBody{Script: "SCRIPT_REAL(\"" + query + "\"" + joined(fields) + ")"}
	if nameable {
		b.Model = "MODEL_EXTENSION_REAL(" + strings.Join(named, ", ") + joined(fields) + ")"
	}
	return b
}

// joined returns the fields as further arguments of a calculation.
func joined(fields []string) string {
	if len(fields) == 0 {
		return ""
	}
	return ", " + strings.Join(fields, ", ")
}

// requiresName reports whether a parameter needs a value and can only be passed by name.
func requiresName(p runtime.Parameter) bool { return p.Kind == "keyword-only" && p.Default == "" }

// exampleParameters returns the parameters that an example passes. Variadic positional parameters
// are left out if others must be named.
func exampleParameters(parameters []runtime.Parameter) []runtime.Parameter {
	if len(parameters) == 0 {
		return []runtime.Parameter{{Name: "x"}, {Name: "y"}}
	}
	var selected []runtime.Parameter
	byName := slices.ContainsFunc(parameters, requiresName)
	for _, p := range parameters {
		if p.Default == "" && p.Kind != "variadic keyword" && !(byName && p.Kind == "variadic positional") {
			selected = append(selected, p)
		}
	}
	return selected
}

// curlExample returns a command line that calls the endpoint.
func curlExample(base, name string, parameters []runtime.Parameter) string {
	data := map[string]json.RawMessage{}
	var list []json.RawMessage
	for _, p := range exampleParameters(parameters) {
		value := json.RawMessage("[1,2,3]")
		data[p.Name] = value
		list = append(list, value)
	}
	var body any = map[string]any{"data": data}
	for _, p := range exampleParameters(parameters) {
		if p.Kind == "positional-only" || p.Kind == "variadic positional" || len(parameters) == 0 {
			body = map[string]any{"data": list}
		}
	}
	quoted := strings.ReplaceAll(string(pyjson.Marshal(body)), "'", `'\''`)
	return "curl -d '" + quoted + "' '" + strings.ReplaceAll(base, "'", "%27") + "/query/" + url.PathEscape(name) + "'"
}
