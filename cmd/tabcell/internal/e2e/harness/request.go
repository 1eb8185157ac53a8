package harness

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Evaluate posts a script without arguments and returns the status and the body of the response.
func (s *Server) Evaluate(script string) (int, string) {
	s.t.Helper()
	return s.Post(string(ScriptRequest(script, "{}")))
}

// Post posts body to /evaluate and returns the status and the body of the response. If the request
// fails, the test fails and the status is 0.
func (s *Server) Post(body string) (int, string) {
	s.t.Helper()
	status, response, err := s.PostContext(context.Background(), body)
	if err != nil {
		s.t.Error(err)
	}
	return status, response
}

// PostContext is Post with a context that can cancel the request. It returns the error of a request
// that failed.
func (s *Server) PostContext(ctx context.Context, body string) (int, string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/evaluate", strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Content-Type", "application/json")
	r, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer r.Body.Close()
	response, err := io.ReadAll(r.Body)
	return r.StatusCode, string(response), err
}

// ScriptRequest returns the body of an /evaluate request. data is a JSON object with the arguments.
func ScriptRequest(script, data string) []byte {
	quoted, _ := json.Marshal(script) // cannot fail for a string
	return fmt.Appendf(nil, `{"data": %s, "script": %s}`, data, quoted)
}
