package console

import (
	"net/http"
	"time"

	"tabcell/httpapi/console/faults"
)

const (
	// errorsPerPage is the number of failures in one response.
	errorsPerPage = 100
	// maxSearch is the size of a text that is searched for, in bytes.
	maxSearch = 200
)

// errorEntryBody is a failed call.
type errorEntryBody struct {
	ID        string    `json:"id"`
	Time      time.Time `json:"time"`
	Class     string    `json:"class"`
	Line      int       `json:"line"`
	Account   string    `json:"account"`
	Endpoint  string    `json:"endpoint,omitempty"`
	Route     string    `json:"route"`
	Status    int       `json:"status"`
	Limit     string    `json:"limit,omitempty"`
	Digest    string    `json:"digest,omitempty"`
	Message   string    `json:"message,omitempty"`
	Traceback string    `json:"traceback,omitempty"`
}

func newErrorEntryBody(e faults.Entry) errorEntryBody {
	return errorEntryBody{e.ID, e.Time.UTC(), e.Class, e.Line, e.Account, e.Endpoint, e.Route, e.Status, e.Limit, e.Digest, e.Message, e.Traceback}
}

// listErrors handles GET /errors. Administrators see those of all accounts.
func (c *Console) listErrors(q *Request) (Response, error) {
	search, err := q.search()
	if err != nil {
		return Response{}, err
	}
	list, more := c.deps.Faults.List(faults.Query{
		Owner: q.visibleOwner(), Search: search, Before: q.URL.Query().Get("before"), Limit: errorsPerPage,
	})
	bodies := make([]errorEntryBody, len(list))
	for i, e := range list {
		bodies[i] = newErrorEntryBody(e)
	}
	return jsonResponse(http.StatusOK, struct {
		Errors []errorEntryBody `json:"errors"`
		More   bool             `json:"more"`
	}{bodies, more}), nil
}

// search returns the text that the client searches for.
func (q *Request) search() (string, error) {
	text := q.URL.Query().Get("search")
	if len(text) > maxSearch {
		return "", badRequest("The text to search for has %d bytes; the limit is %d.", len(text), maxSearch)
	}
	return text, nil
}

// getError handles GET /errors/{id}. The beginning of an ID is enough.
func (c *Console) getError(q *Request) (Response, error) {
	e, ok := c.deps.Faults.Find(q.visibleOwner(), q.Parameter("id"))
	if !ok {
		return Response{}, &Error{
			Status: http.StatusNotFound, Code: "not_found", Message: "There is no recent failure with this call ID.",
			Advice: "The server keeps the last failures until it is restarted, and shows those of others to administrators only. The log has all of them.",
		}
	}
	return jsonResponse(http.StatusOK, newErrorEntryBody(e)), nil
}
