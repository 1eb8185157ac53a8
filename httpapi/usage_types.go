package httpapi

import (
	"encoding/json"
	"regexp"
	"strings"

	"tabcell/runtime"
)

// valueType is the type of an argument or a result, as the names of Tableau's functions end.
type valueType string

const (
	unknownType valueType = ""
	realType    valueType = "REAL"
	intType     valueType = "INT"
	strType     valueType = "STR"
	boolType    valueType = "BOOL"
)

// or returns t, or other if t is unknown.
func (t valueType) or(other valueType) valueType {
	if t == unknownType {
		return other
	}
	return t
}

// merge returns the type of values that have one of two types. It is unknown if Tableau has no type
// for both.
func merge(a, b valueType) valueType {
	numbers := map[valueType]bool{realType: true, intType: true}
	switch {
	case a == b:
		return a
	case numbers[a] && numbers[b]:
		return realType
	}
	return unknownType
}

// mergeAll returns the type of values that have one of the types, and the unknown type for none.
func mergeAll(types []valueType) valueType {
	if len(types) == 0 {
		return unknownType
	}
	all := types[0]
	for _, t := range types[1:] {
		all = merge(all, t)
	}
	return all
}

// endpointSchema is the part of an endpoint's schema that the examples use. TabPy's client writes
// it in this form (generate_schema), but a schema can be any JSON value.
type endpointSchema struct {
	Input  jsonSchema `json:"input"`
	Output jsonSchema `json:"output"`
	Sample struct {
		Input  map[string]json.RawMessage `json:"input"`
		Output json.RawMessage            `json:"output"`
	} `json:"sample"`
}

// jsonSchema is a part of JSON Schema.
type jsonSchema struct {
	Type       json.RawMessage       `json:"type"` // a name, or a list of names
	Properties map[string]jsonSchema `json:"properties"`
	Items      *jsonSchema           `json:"items"`
	AnyOf      []jsonSchema          `json:"anyOf"`
}

// parseSchema returns the parts of a schema that have the expected form. The others are empty.
func parseSchema(text json.RawMessage) (s endpointSchema) {
	_ = json.Unmarshal(text, &s) // decodes what it can
	return s
}

// argument returns the type of an argument: that of the schema or the sample in it, or else that of
// the annotation.
func (s endpointSchema) argument(p runtime.Parameter) valueType {
	return s.Input.Properties[p.Name].valueType().or(typeOfValue(s.Sample.Input[p.Name])).or(typeOfAnnotation(p.Annotation))
}

// result returns the type of the result of a function with the given signature.
func (s endpointSchema) result(signature string) valueType {
	annotation := ""
	if i := strings.LastIndex(signature, ") -> "); i >= 0 {
		annotation = signature[i+len(") -> "):]
	}
	return s.Output.valueType().or(typeOfValue(s.Sample.Output)).or(typeOfAnnotation(annotation))
}

// schemaTypes has the types of JSON Schema that Tableau has, too.
var schemaTypes = map[string]valueType{"number": realType, "integer": intType, "string": strType, "boolean": boolType}

// valueType returns the type of the values that a schema describes, or of the items of a list.
func (s jsonSchema) valueType() valueType {
	var types []valueType
	for _, name := range s.typeNames() {
		switch {
		case name == "array" && s.Items != nil:
			types = append(types, s.Items.valueType())
		case name != "null":
			types = append(types, schemaTypes[name])
		}
	}
	for _, one := range s.AnyOf {
		types = append(types, one.valueType())
	}
	return mergeAll(types)
}

func (s jsonSchema) typeNames() []string {
	var name string
	if json.Unmarshal(s.Type, &name) == nil {
		return []string{name}
	}
	var names []string
	_ = json.Unmarshal(s.Type, &names)
	return names
}

// typeOfValue returns the type of a JSON value, or of the items of a list.
func typeOfValue(text json.RawMessage) valueType {
	var list []json.RawMessage
	if json.Unmarshal(text, &list) == nil {
		var types []valueType
		for _, item := range list {
			if string(item) != "null" {
				types = append(types, typeOfValue(item))
			}
		}
		return mergeAll(types)
	}
	switch {
	case len(text) == 0:
		return unknownType
	case text[0] == '"':
		return strType
	case text[0] == 't' || text[0] == 'f':
		return boolType
	case !strings.ContainsRune("-0123456789", rune(text[0])):
		return unknownType
	case strings.ContainsAny(string(text), ".eE"):
		return realType
	}
	return intType
}

// pythonTypes finds the types in annotations such as list[float], numpy.int64 and str | None.
var pythonTypes = regexp.MustCompile(`\b(float|int|str|bool)(?:\d*|_)\b`)

// annotationTypes has Tableau's types for those of Python.
var annotationTypes = map[string]valueType{"float": realType, "int": intType, "str": strType, "bool": boolType}

// typeOfAnnotation returns the only type of Tableau's in an annotation.
func typeOfAnnotation(annotation string) valueType {
	var types []valueType
	for _, found := range pythonTypes.FindAllStringSubmatch(annotation, -1) {
		types = append(types, annotationTypes[found[1]])
	}
	return mergeAll(types)
}
