package flighttest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

func (r *replay) request(ctx context.Context, s Step) error {
	var path string
	if err := json.Unmarshal(s.Path, &path); err != nil {
		return err
	}
	if s.Method == "" {
		s.Method = http.MethodPost
	}
	request, err := http.NewRequestWithContext(ctx, s.Method, r.URL+path, strings.NewReader(r.fill(string(s.JSON))))
	if err != nil {
		return err
	}
	for _, h := range s.Headers {
		request.Header.Set(h[0], h[1])
	}
	response, err := r.HTTP.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != s.Expect.Status {
		return fmt.Errorf("got the status %d, want %d: %.500s %w", response.StatusCode, s.Expect.Status, text, err)
	}
	return r.compareBody(text, s)
}

func (r *replay) compareBody(text []byte, s Step) error {
	var got any
	if err := json.Unmarshal(text, &got); err != nil {
		return fmt.Errorf("the response is not JSON: %.500s", text)
	}
	if members, ok := got.(map[string]any); ok {
		if value, ok := members[s.SaveKey].(string); ok {
			r.saved[s.Save] = value
		}
		if _, ok := members["state_path"]; ok {
			members["state_path"] = "STATE_PATH"
		}
	}
	return r.compare(got, s.Expect.Body)
}
