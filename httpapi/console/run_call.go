package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The kinds of scripts.
const (
	kindScript = "script" // of a calculation, with the arguments _arg1, _arg2, ...
	kindTable  = "table"  // of a table extension, with the table as _arg1
	kindPrep   = "prep"   // the file of a step of Tableau Prep, with the table as the argument of a function
)

// maxArguments limits the number of arguments of a calculation.
const maxArguments = 1000

var scriptFunctions = []string{"", "SCRIPT_REAL", "SCRIPT_INT", "SCRIPT_STR", "SCRIPT_BOOL"}

// maxIdentifier is the maximum number of characters of the name of a function.
const maxIdentifier = 100

// isIdentifier reports whether name may be that of a Python function. A regular expression for it
// takes 5 ms and 4 MB at each start, because its classes are repeated.
func isIdentifier(name string) bool {
	if name == "" || !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxIdentifier {
		return false
	}
	for i, r := range name {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsNumber(r)) {
			return false
		}
	}
	return true
}

// check returns an error if a request is not as openapi.json describes it.
func (b *runBody) check() error {
	if len(b.Script) > maxScript {
		return &Error{
			Status: 413, Code: "too_large", Limit: maxScript, Value: int64(len(b.Script)),
			Message: fmt.Sprintf("The script has %d bytes and exceeds the console's limit of %d bytes.", len(b.Script), maxScript),
			Advice:  "No setting changes this limit; send larger scripts to /evaluate, or deploy their code as an endpoint.",
		}
	}
	table := bytes.TrimSpace(b.Table)
	switch {
	case strings.TrimSpace(b.Script) == "":
		return badRequest("The script is empty.")
	case b.Kind != kindScript && b.Kind != kindTable && b.Kind != kindPrep:
		return badRequest("The kind %q is unknown; the kinds are script, table and prep.", cutText(b.Kind, 50))
	case !slices.Contains(scriptFunctions, b.Function):
		return badRequest("The function %q is unknown; the functions are SCRIPT_REAL, SCRIPT_INT, SCRIPT_STR and SCRIPT_BOOL.", cutText(b.Function, 50))
	case b.Kind == kindPrep && !isIdentifier(b.FunctionName):
		return badRequest("A step of Prep needs the name of a function of its file; %q is none.", cutText(b.FunctionName, 50))
	case b.Kind != kindScript && len(b.Args) > 0:
		return badRequest("Only the kind script has args; use table.")
	case b.Kind == kindScript && len(table) > 0:
		return badRequest("The kind script has no table; use args.")
	case len(b.Args) > maxArguments:
		return badRequest("The script has %d arguments; the console takes at most %d.", len(b.Args), maxArguments)
	case len(table) > 0 && table[0] != '{':
		return badRequest("The table must be an object with a list for each column.")
	}
	return nil
}

// pythonCall is a call in the form of /evaluate.
type pythonCall struct {
	script string
	data   []byte // JSON object of the arguments
	lines  int    // of the user's text, which is the beginning of the script; lines after it are not the user's
	added  int    // lines before the user's text
	schema string // script that describes the columns of a Prep step, or ""
}

// body returns the body of a request to /evaluate.
func (c pythonCall) body() []byte {
	script, err := json.Marshal(c.script)
	if err != nil {
		panic(err) // cannot happen: it is a string
	}
	body := make([]byte, 0, len(script)+len(c.data)+32)
	body = append(append(body, `{"data": `...), c.data...)
	return append(append(append(body, `, "script": `...), script...), '}')
}

// call returns the call that Tableau would send for a script.
func (b *runBody) call() pythonCall {
	c := pythonCall{script: b.Script, lines: strings.Count(b.Script, "\n") + 1, data: b.data()}
	if b.Kind == kindPrep {
		c.script = b.Script + "\nimport pandas as pd\nexecution_result = " + b.FunctionName + "(pd.DataFrame(_arg1))\n" + prepReturn
		if definesSchema.MatchString(b.Script) {
			c.schema = prepDefinitions + b.Script + "\nexecution_result = get_output_schema()\n" + prepReturn
		}
	}
	return c
}

// data returns the arguments by name. The values have been checked to be JSON.
func (b *runBody) data() []byte {
	if b.Kind != kindScript {
		table := b.Table
		if len(bytes.TrimSpace(table)) == 0 {
			table = []byte("{}")
		}
		return append(append([]byte(`{"_arg1": `), table...), '}')
	}
	data := []byte{'{'}
	for i, value := range b.Args {
		if i > 0 {
			data = append(data, ", "...)
		}
		data = append(append(data, `"_arg`+strconv.Itoa(i+1)+`": `...), value...)
	}
	return append(data, '}')
}

// prepReturn is the end of the scripts that Prep sends.
const prepReturn = "if isinstance(execution_result, pd.DataFrame):\n    return execution_result.to_dict(orient='list')\nreturn execution_result"

// prepDefinitions has the functions that Prep defines for the columns of a schema, in one line, so
// that the lines of the file are one more than those of the script.
var prepDefinitions = func() string {
	line := "import pandas as pd"
	for _, name := range []string{"string", "int", "decimal", "bool", "date", "datetime"} {
		line += "; prep_" + name + " = lambda: pd.Series(['prep_" + name + "_type'])"
	}
	return line + "\n"
}()

// definesSchema matches a file that has the function with the columns of its result.
var definesSchema = regexp.MustCompile(`(?m)^def[ \t]+get_output_schema[ \t]*\(`)

// rows returns the number of rows of the arguments.
func (b *runBody) rows() (rows int) {
	values := b.Args
	if b.Kind != kindScript {
		values = []json.RawMessage{b.Table}
	}
	for _, value := range values {
		rows = max(rows, shapeOf(value).rows)
	}
	return rows
}
