package endpoints

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"tabcell/runtime/registry"
)

// remoteStore is the store of a running server. It uses TabPy's routes and tabcell's own.
type remoteStore struct{ *client }

// Dial returns the store of the server at the URL base. It sends no request yet.
func Dial(ctx context.Context, base string, o Options) (Store, error) {
	c, err := newClient(ctx, base, o)
	if err != nil {
		return nil, err
	}
	return &remoteStore{c}, nil
}

func (s *remoteStore) List() ([]Endpoint, error) {
	var all map[string]Endpoint
	var states map[string]struct{ Status string }
	err := s.request("GET", "/endpoints", nil, &all)
	if err == nil {
		err = s.request("GET", "/status", nil, &states)
	}
	views := []Endpoint{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		e := all[name]
		e.Name, e.Status = name, states[name].Status
		views = append(views, e)
	}
	return views, err
}

func (s *remoteStore) Show(name string) (e Endpoint, err error) {
	return e, s.request("GET", "/endpoints/"+url.PathEscape(name)+"/usage.json", nil, &e)
}

// Deployed asks for the metadata, which TabPy's route has, and for the versions with their digests.
func (s *remoteStore) Deployed(d registry.Deployment) (int, error) {
	var e registry.Endpoint
	if err := s.request("GET", "/endpoints/"+url.PathEscape(d.Name), nil, &e); err != nil {
		return 0, err
	}
	shown, err := s.Show(d.Name)
	if err != nil || shown.LastError != nil && e.Type == registry.TypeModel {
		return 0, err
	}
	e.Name = d.Name
	for _, v := range shown.Versions {
		e.Versions = append(e.Versions, registry.Version{Number: v.Number, Kind: registry.Kind(v.Kind), Function: v.Function, Requires: v.Requires, Sum: v.Sum})
	}
	if shown.Version != e.Version || !d.Matches(e) {
		return 0, nil
	}
	return e.Version, nil
}

// Deploy sends the code in the request, so that it needs no folder in common with the server.
func (s *remoteStore) Deploy(_ context.Context, d registry.Deployment) (int, error) {
	body := map[string]any{
		"name": d.Name, "type": registry.TypeModel, "description": d.Description, "is_public": d.Public, "override": d.Replace,
		"dependencies": d.Dependencies, "function": d.Code.Function, "requires": append([]string{}, d.Code.Requires...),
	}
	if d.Docstring != "" {
		body["docstring"] = d.Docstring
	}
	if d.Schema != nil {
		body["schema"] = d.Schema
	}
	switch {
	case d.Target != "":
		body["type"], body["target"] = registry.TypeAlias, d.Target
	case d.Code.Kind == registry.Source:
		body["source"] = string(d.Code.Content)
	default:
		body["archive"] = base64.StdEncoding.EncodeToString(d.Code.Content)
	}
	text, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	return s.change("POST", "/endpoints", text, d.Name)
}

// change sends a request that changes an endpoint and returns the endpoint's new version.
func (s *remoteStore) change(method, path string, body []byte, name string) (int, error) {
	var all map[string]Endpoint
	err := s.request(method, path, body, &all)
	return all[name].Version, err
}

func (s *remoteStore) Rollback(name string, to int) (int, error) {
	path := "/endpoints/" + url.PathEscape(name) + "/rollback"
	if to > 0 {
		path += "?to=" + strconv.Itoa(to)
	}
	return s.change("POST", path, nil, name)
}

func (s *remoteStore) Remove(name string) error {
	return s.request("DELETE", "/endpoints/"+url.PathEscape(name), nil, nil)
}

func (s *remoteStore) Close() error {
	s.http.CloseIdleConnections()
	return nil
}
