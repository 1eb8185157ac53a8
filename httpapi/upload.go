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
func (a *API) uploadSource(x *exchange) (answer, error) {
	return a.upload(x, "/source", registry.Code{Kind: registry.Source, Function: x.QueryParam("function")})
}

// uploadArchive answers POST and PUT /endpoints/NAME/archive.
func (a *API) uploadArchive(x *exchange) (answer, error) {
	return a.upload(x, "/archive", registry.Code{Kind: registry.Pickle})
}

// uploadedBody is the answer to an upload.
type uploadedBody struct {
	Name      string `json:"name"`
	Version   int    `json:"version"`
	Signature string `json:"signature"`
	Docstring string `json:"docstring"`
	Usage     string `json:"usage"` // path of the page that shows how to call it
}

func (a *API) upload(x *exchange, end string, code registry.Code) (answer, error) {
	name, err := a.nameBefore(x, "/endpoints/", end)
	if err != nil {
		return answer{}, err
	}
	body, err := a.readBody(x)
	if err != nil {
		return answer{}, err
	}
	code.Content = body
	if requires := x.QueryParam("requires"); requires != "" {
		code.Requires = strings.Split(requires, ",")
	}
	old, _ := a.models.Get(name)
	d := registry.Deployment{Name: name, Code: code, Author: x.user.Name, Replace: x.Request().Header.Get("If-None-Match") != "*"}
	if d.About, err = uploadedAbout(x, old.About); err != nil {
		return answer{}, err
	}
	if err := registry.CheckName(name); err != nil {
		return answer{}, changing(name, err)
	}
	e, created, err := a.models.deploy(x.Request().Context(), d, true)
	if err != nil {
		return answer{}, changing(name, err)
	}
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	known := a.models.look(e)
	return answer{status, jsonUTF8, pyjson.Marshal(uploadedBody{e.Name, e.Version, known.info.Signature, e.Docstring, a.usagePath(e.Name)})}, nil
}

// uploadedAbout is what the address says about an endpoint; what it does not say stays, but the docstring, which is the new code's.
func uploadedAbout(x *exchange, old registry.About) (registry.About, error) {
	about := registry.About{Description: old.Description, Schema: old.Schema, Dependencies: old.Dependencies, Public: old.Public}
	values := x.QueryParams()
	if values.Has("description") {
		about.Description = values.Get("description")
	}
	if values.Has("public") {
		public, err := strconv.ParseBool(values.Get("public"))
		if err != nil {
			return about, sentence("public must be true or false.")
		}
		about.Public = public
	}
	return about, nil
}

// wholeNumber is a value of the address's query part; 0 when it is not there.
func wholeNumber(r *http.Request, name string) (int, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, sentence("%s must be a whole number from 1.", name)
	}
	return n, nil
}

// tellUnloadable is the answer where a model was not deployed since it does not load.
func tellUnloadable(_ *API, e *unloadable) failure {
	return failure{http.StatusUnprocessableEntity, "The model cannot be loaded, and nothing was changed.", clip(fmt.Sprint(e.cause)), 0}
}
