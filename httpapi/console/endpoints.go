package console

import (
	"net/http"
	"strings"
	"unicode/utf8"
)

// maxEndpoints is the number of endpoints in one list, and maxDescription the size of a description
// in it.
const (
	maxEndpoints   = 500
	maxDescription = 300
)

// listEndpoints handles GET /endpoints.
func (c *Console) listEndpoints(q *Request) (Response, error) {
	search, err := q.search()
	if err != nil {
		return Response{}, err
	}
	list, total := c.deps.Endpoints.List(search, maxEndpoints)
	for i := range list {
		list[i].Description = shorten(list[i].Description, maxDescription)
		list[i].Error = shorten(list[i].Error, maxDescription)
	}
	if list == nil {
		list = []Endpoint{}
	}
	return jsonResponse(http.StatusOK, struct {
		Endpoints []Endpoint `json:"endpoints"`
		Total     int        `json:"total"`
	}{list, total}), nil
}

// shorten cuts a text to limit bytes.
func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit] + "..."
}

// getEndpoint handles GET /endpoints/{name}. The source is shown to those who may replace it.
func (c *Console) getEndpoint(q *Request) (Response, error) {
	name := q.Parameter("name")
	withSource := q.User.Roles&(RoleDeploy|RoleAdmin) != 0
	e, ok := c.deps.Endpoints.Get(name, q.Public(), withSource)
	if !ok {
		return Response{}, noEndpoint(name)
	}
	e.Methods = methodsOf(q.User.Roles)
	return jsonResponse(http.StatusOK, e), nil
}

func noEndpoint(name string) *Error { return notFound(`endpoint "` + shorten(name, maxSearch) + `"`) }

// methodsOf returns the actions that a user may take with an endpoint.
func methodsOf(r Roles) []string {
	methods := []string{}
	for _, m := range []struct {
		name string
		role Roles
	}{{"query", RoleQuery}, {"deploy", RoleDeploy}, {"rollback", RoleDeploy}, {"remove", RoleDeploy}, {"download", RoleAdmin}} {
		if r.Any(m.role) {
			methods = append(methods, m.name)
		}
	}
	return methods
}

// rollBackEndpoint handles POST /endpoints/{name}/rollback.
func (c *Console) rollBackEndpoint(q *Request) (Response, error) {
	var body struct {
		Version int `json:"version"`
	}
	if err := readJSON(q, maxAction, &body); err != nil {
		return Response{}, err
	}
	if body.Version < 1 {
		return Response{}, badRequest("version is %d; name the version to deploy again.", body.Version)
	}
	e, err := q.RollBack(q.Parameter("name"), body.Version)
	if err != nil {
		return Response{}, err
	}
	return jsonResponse(http.StatusOK, e), nil
}

// maxAction is the size of the body of an action in bytes.
const maxAction = 4 << 10

// removeEndpoint handles DELETE /endpoints/{name}. The body repeats the name, so that neither a slip
// of the hand nor a script that only knows the path removes an endpoint.
func (c *Console) removeEndpoint(q *Request) (Response, error) {
	var body struct {
		Confirm string `json:"confirm"`
	}
	if err := readJSON(q, maxAction, &body); err != nil {
		return Response{}, err
	}
	name := q.Parameter("name")
	if body.Confirm != name {
		return Response{}, badRequest("confirm is %q; to remove the endpoint, it must be its name, %q.", shorten(body.Confirm, maxSearch), shorten(name, maxSearch))
	}
	if err := q.Remove(name); err != nil {
		return Response{}, err
	}
	return Response{Status: http.StatusNoContent}, nil
}

// downloadEndpoint handles GET /endpoints/{name}/download.
func (c *Console) downloadEndpoint(q *Request) (Response, error) {
	name := q.Parameter("name")
	q.Writer.Header().Set("Content-Disposition", `attachment; filename="`+fileName(name)+`.tar"`)
	err := q.Export(name)
	if err != nil { // without effect if the archive has begun
		q.Writer.Header().Del("Content-Disposition")
	}
	return Response{}, err
}

// fileName returns a name with which a file can be saved on every system.
func fileName(name string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r)) {
			return r
		}
		return '_'
	}, name)
}
