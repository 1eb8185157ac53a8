package httpapi

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"tabcell/httpapi/internal/pyjson"
	"tabcell/runtime/registry"
)

// Requests of tabcell's own, for whoever has code and no shared folder: the body is the code as it is, what is said about it comes in the
// query part of the address, and a model that does not load changes nothing.
//
//	curl --data-binary @model.py 'http://localhost:9004/endpoints/NAME/source?function=f&description=...&public=true&requires=numpy,scipy'
//	curl --data-binary @pickle_archive 'http://localhost:9004/endpoints/NAME/archive'
//
// An endpoint of that name gets a new version, unless the request says If-None-Match: *.

// uploadSource answers POST and PUT /endpoints/NAME/source.
func (a *API) uploadSource(req *request) (response, error) {
	return a.upload(req, "/source", registry.Code{Kind: registry.Source, Function: req.QueryParam("function")})
}

// uploadArchive answers POST and PUT /endpoints/NAME/archive.
func (a *API) uploadArchive(req *request) (response, error) {
	return a.upload(req, "/archive", registry.Code{Kind: registry.Pickle})
}

// uploadedBody is the answer to an upload.
type uploadBody struct {
	Name      string `json:"name"`
	Version   int    `json:"version"`
	Signature string `json:"signature"`
	Docstring string `json:"docstring"`
	Usage     string `json:"usage"` // path of the page that shows how to call it
}

func (a *API) upload(req *request, end string, code registry.Code) (response, error) {
	name, err := a.segmentBetween(req, "/endpoints/", end)
	if err != nil {
		return response{}, err
	}
	body, err := a.readBody(req)
	if err != nil {
		return response{}, err
	}
	code.Content = body
	if requires := req.QueryParam("requires"); requires != "" {
		code.Requires = strings.Split(requires, ",")
	}
	old, _ := a.models.Get(name)
	deployment := registry.Deployment{Name: name, Code: code, Author: req.user.Name, Replace: req.Request().Header.Get("If-None-Match") != "*"}
	if deployment.Metadata, err = metadataFromQuery(req, old.Metadata); err != nil {
		return response{}, err
	}
	if err := registry.CheckName(name); err != nil {
		return response{}, changeError(name, err)
	}
	e, created, err := a.models.deploy(req.Request().Context(), deployment, true)
	if err != nil {
		return response{}, changeError(name, err)
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	known := a.models.snapshot(e)
	return response{status, jsonUTF8, pyjson.Marshal(uploadBody{e.Name, e.Version, known.info.Signature, e.Docstring, a.usagePath(e.Name)})}, nil
}

// uploadedAbout is what the address says about an endpoint; what it does not say stays, but the docstring, which is the new code's.
func metadataFromQuery(req *request, old registry.Metadata) (registry.Metadata, error) {
	m := registry.Metadata{Description: old.Description, Schema: old.Schema, Dependencies: old.Dependencies, Public: old.Public}
	values := req.QueryParams()
	if values.Has("description") {
		m.Description = values.Get("description")
	}
	if values.Has("public") {
		public, err := strconv.ParseBool(values.Get("public"))
		if err != nil {
			return m, badRequest("public must be true or false.")
		}
		m.Public = public
	}
	return m, nil
}

// wholeNumber is a value of the address's query part; 0 when it is not there.
func positiveParam(r *http.Request, name string) (int, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, badRequest("%s must be a whole number from 1.", name)
	}
	return n, nil
}

// tellUnloadable is the answer where a model was not deployed since it does not load.
func unloadableFailure(_ *API, e *unloadableError) failure {
	return failure{http.StatusUnprocessableEntity, "The model cannot be loaded, and nothing was changed.", truncate(fmt.Sprint(e.cause)), 0}
}
