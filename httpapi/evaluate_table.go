package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"tabcell/httpapi/internal/arrowipc"
	"tabcell/httpapi/internal/pyjson"
	"tabcell/runtime"
	"tabcell/runtime/memfile"
)

// evaluateTable runs a script whose data is a table of the Flight service. A table that the script
// returns is stored, and the response has its path.
func (a *API) evaluateTable(req *request, call runtime.Call, table *storedTable) (response, error) {
	defer table.free()
	reply := a.newTableReply(req)
	defer reply.free()
	call.Table, call.TableFiles = table.Pieces()
	call.TableReply, call.ReleaseTable = reply, table.free
	result, err := a.runScript(req, call)
	if err != nil || !result.Table {
		return response{http.StatusOK, jsonPlain, result.Body}, err
	}
	path, err := reply.store(req)
	if err != nil {
		return response{}, err
	}
	return response{http.StatusOK, jsonPlain, pyjson.Marshal(outputBody{path})}, nil
}

// outputBody is the response to a script that returned a table.
type outputBody struct {
	Path string `json:"outputDataPath"`
}

// dataPathKey is the member of a body that names a table.
const dataPathKey = "dataPath"

// takeTable takes the table that the body of /evaluate names. It returns nil if the body names
// none, or if the guest has to report an error in the body. As in TabPy, a body without a script
// leaves the table where it is, and the table is gone even if the script fails.
func (a *API) takeTable(req *request, body []byte) (*storedTable, error) {
	if a.tables == nil || !mayNameTable(body) {
		return nil, nil
	}
	v, err := pyjson.Parse(body, "script", dataPathKey)
	path, named := v.Members[dataPathKey]
	switch {
	case err != nil || v.Kind != '{':
		return nil, nil
	case v.Members["script"] == nil:
		return nil, &runtime.ScriptError{Kind: runtime.KindEmpty}
	case !named:
		return nil, nil
	}
	var text string
	if path[0] != '"' || json.Unmarshal(path, &text) != nil {
		return nil, &runtime.ScriptError{Kind: runtime.KindScript, Class: "TypeError", Text: "expected bytes, " + pythonType(path) + " found"}
	}
	t := a.tables.take(req.tableKey(pathDescriptor(text)))
	if t == nil {
		return nil, &runtime.ScriptError{Kind: runtime.KindScript, Class: "KeyError", Text: errFlightNotFound.Text}
	}
	return t, nil
}

// escapedLetters are the beginnings of JSON's escapes for P, for a to o, and for p to z. Encoders
// write letters as they are, so that a body rarely has one.
var escapedLetters = [][]byte{[]byte(`\u0050`), []byte(`\u006`), []byte(`\u007`)}

// mayNameTable reports whether a body may have the key dataPathKey, perhaps with escapes. It saves
// bodies with data from being parsed here as well.
func mayNameTable(body []byte) bool {
	return bytes.Contains(body, []byte(dataPathKey)) ||
		slices.ContainsFunc(escapedLetters, func(e []byte) bool { return bytes.Contains(body, e) })
}

// pythonType returns the name of the Python type of a JSON text.
func pythonType(text []byte) string {
	switch v, _ := pyjson.Parse(text); {
	case v.Kind == '{':
		return "dict"
	case v.Kind == 0 && bytes.ContainsAny(text, ".eEIN"):
		return "float"
	default:
		return v.TypeName()
	}
}

// tableKey returns the key under which the request finds the table with a descriptor.
func (req *request) tableKey(d FlightDescriptor) tableKey {
	return tableKey{req.user.Account, d.key()}
}

// tableReply receives the table that a script returns. It implements runtime.TableReply.
type tableReply struct {
	writer  arrowipc.Writer
	tables  *tables
	lease   *lease
	limit   int64 // of the stream, in bytes
	written int64
}

func (a *API) newTableReply(req *request) *tableReply {
	l := &lease{budget: a.budget, owner: owner(req)}
	return &tableReply{writer: arrowipc.Writer{Reserve: l.reserve}, tables: a.tables, lease: l, limit: a.cfg.MaxTableBytes}
}

// Begin implements runtime.TableReply.
func (r *tableReply) Begin() { r.free() }

// Write implements runtime.TableReply. The script may have made up p.
func (r *tableReply) Write(p []byte) error {
	if err := r.count(len(p)); err != nil {
		return err
	}
	_, err := r.writer.Write(p)
	return invalidReply(err)
}

// WriteChunk implements runtime.TableReply.
func (r *tableReply) WriteChunk(c *memfile.Chunk) error {
	if err := r.count(len(c.ReadOnlyData())); err != nil {
		c.Free()
		return err
	}
	return invalidReply(r.writer.WriteChunk(c))
}

// count counts n bytes of the stream.
func (r *tableReply) count(n int) error {
	if r.written += int64(n); r.written > r.limit {
		return &tableTooLargeError{r.limit}
	}
	return nil
}

// store stores the table under a new path, and returns the path.
func (r *tableReply) store(req *request) (path string, err error) {
	table, err := r.writer.Table()
	if err != nil {
		return "", invalidReply(err)
	}
	d := pathDescriptor(newUUID())
	t := &storedTable{Table: table, descriptor: d, lease: r.lease}
	r.lease = &lease{budget: r.lease.budget, owner: r.lease.owner} // that of the table is no longer the reply's
	return string(d.Path[0]), r.tables.put(req.tableKey(d), t)
}

// free frees the written messages.
func (r *tableReply) free() {
	r.writer.Free()
	r.lease.release(r.lease.bytes)
	r.written = 0
}

// invalidReply returns the error for a reply with an invalid stream, or err if it is nil or about
// memory.
func invalidReply(err error) error {
	if err == nil || errors.Is(err, errBudgetExceeded) {
		return err
	}
	return fmt.Errorf("%w: its table is invalid: %w", runtime.ErrCrash, err)
}
