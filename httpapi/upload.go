package httpapi

import (
	"net/http"
	"strconv"
	"strings"

	"tabcell/httpapi/internal/pyjson"
	"tabcell/runtime/registry"
)

// The upload routes are tabcell's own, for clients that share no folder with the server. The body
// is the code itself, and query parameters contain the metadata: description, public and requires,
// and for source also function. A model that does not load changes nothing.
//
//	curl --data-binary @model.py 'http://HOST:9004/endpoints/NAME/source?requires=numpy,scipy'
//	curl --data-binary @pickle_archive http://HOST:9004/endpoints/NAME/archive
//
// An existing endpoint gets a new version, unless the request has the header "If-None-Match: *".

// uploadSource handles POST and PUT /endpoints/NAME/source.
func (a *API) uploadSource(req *request) (response, error) {
	return a.upload(req, "/source", registry.Code{Kind: registry.Source, Function: req.QueryParam("function")})
}

// uploadArchive handles POST and PUT /endpoints/NAME/archive.
func (a *API) uploadArchive(req *request) (response, error) {
	return a.upload(req, "/archive", registry.Code{Kind: registry.Pickle})
}

// uploadBody is the response to an upload.
type uploadBody struct {
	Name      string `json:"name"`
	Version   int    `json:"version"`
	Signature string `json:"signature"`
	Docstring string `json:"docstring"`
	Usage     string `json:"usage"` // path of the usage page
}

func (a *API) upload(req *request, suffix string, code registry.Code) (response, error) {
	name, err := a.segmentBetween(req, "/endpoints/", suffix)
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
	old, err := a.models.current(req.Request().Context(), name)
	if err != nil {
		return response{}, err
	}
	deployment := registry.Deployment{Name: name, Code: code, Author: req.user.Name, Replace: req.Request().Header.Get("If-None-Match") != "*"}
	if deployment.Metadata, err = metadataFromQuery(req, old.Metadata); err != nil {
		return response{}, err
	}
	if err := registry.CheckName(name); err != nil {
		return response{}, changeError(name, err)
	}
	e, created, err := a.models.deploy(req.Request().Context(), old, deployment, true)
	if err != nil {
		return response{}, changeError(name, err)
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	rec := a.models.snapshot(e)
	return response{status, jsonUTF8, pyjson.Marshal(uploadBody{e.Name, e.Version, rec.info.Signature, e.Docstring, req.publicURL().usagePath(e.Name)})}, nil
}

// metadataFromQuery returns old with the values of the query parameters. The docstring is not kept,
// since it comes from the new code.
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
