package console

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"net/http"

	"tabcell/runtime"
)

// queryEndpoint handles POST /endpoints/{name}/query. It takes the console's share of the cells, as
// scripts do. Closing the request cancels the query.
func (c *Console) queryEndpoint(q *Request) (Response, error) {
	var body struct {
		Args json.RawMessage `json:"args"`
	}
	if err := readJSON(q, c.maxRequest(), &body); err != nil {
		return Response{}, err
	}
	args := bytes.TrimSpace(body.Args)
	if len(args) == 0 || args[0] != '{' && args[0] != '[' {
		return Response{}, badRequest("The args must be an object of named or a list of positional arguments.")
	}
	if err := q.Reserve(2 * int64(len(args))); err != nil { // the copy in body, and the one below
		return Response{}, err
	}
	request := append(append([]byte(`{"data": `), args...), '}')
	lines := pythonCall{lines: math.MaxInt} // all lines are the model's
	result, err := c.runInShare(q, lines, func(ctx context.Context) (runtime.Result, error) { return q.Query(ctx, q.Parameter("name"), request) })
	if err != nil {
		return Response{}, err
	}
	eachArgument := func(_, value []byte) bool {
		result.ExpectedRows = max(result.ExpectedRows, shapeOf(value).rows)
		return true
	}
	if err := eachElement(args, eachArgument); err != nil {
		return Response{}, err // cannot happen: it is JSON
	}
	return jsonResponse(http.StatusOK, result), nil
}
