package console

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"unicode/utf8"
)

// deployEndpoint handles POST /endpoints. The body is the file, or a form with it. What kind of file
// it is depends on its content: text is a Python source, and everything else is an archive.
func (c *Console) deployEndpoint(q *Request) (Response, error) {
	u, err := c.readUpload(q)
	if err != nil {
		return Response{}, err
	}
	e, _, err := q.Deploy(u)
	if failed, ok := errors.AsType[*LoadFailedError](err); ok {
		q.Fail(err)
		return unloadable(q, failed), nil
	}
	if err != nil {
		return Response{}, err
	}
	return jsonResponse(http.StatusCreated, map[string]Endpoint{"endpoint": e}), nil
}

// unloadable returns the response for a model that does not load.
func unloadable(q *Request, e *LoadFailedError) Response {
	body := errorBody{Code: "unloadable", Message: "The model cannot be loaded, and nothing was changed.", Advice: "Correct the file, and deploy it again.", Call: q.ID()}
	return jsonResponse(http.StatusUnprocessableEntity, struct {
		Error     errorBody `json:"error"`
		LoadError LoadError `json:"load_error"`
	}{body, e.Load})
}

// readUpload reads a request to deploy a file.
func (c *Console) readUpload(q *Request) (u Upload, err error) {
	query := q.URL.Query()
	u = Upload{Name: query.Get("name"), Description: query.Get("description"), Function: query.Get("function"), Replace: query.Get("replace") == "true"}
	if u.Name == "" {
		return u, badRequest("The name of the endpoint is missing.")
	}
	limit := min(c.cfg.MaxModelBytes, c.cfg.MaxRequestBytes)
	body, err := q.ReadBody(limit)
	if large, ok := errors.AsType[*TooLargeError](err); ok {
		return u, tooLargeModel(large, c.cfg)
	}
	if err != nil {
		return u, err
	}
	if u.Content, err = fileIn(q.Header.Get("Content-Type"), body); err != nil {
		return u, err
	}
	if len(u.Content) == 0 {
		return u, badRequest("The file is empty.")
	}
	u.IsSource = utf8.Valid(u.Content) && !bytes.ContainsRune(u.Content, 0)
	return u, nil
}

// tooLargeModel returns the error for a file that is too large.
func tooLargeModel(e *TooLargeError, cfg Config) *Error {
	err := tooLarge(e)
	err.Advice = "Larger ones need a greater TABCELL_MODELS_MAX_MB."
	if err.Setting = "TABCELL_MODELS_MAX_MB"; cfg.MaxRequestBytes < cfg.MaxModelBytes {
		err.Setting, err.Advice = "TABCELL_MAX_REQUEST_SIZE_MB", "Larger ones need a greater TABCELL_MAX_REQUEST_SIZE_MB, or TabPy's client, which does not send them in one request."
	}
	return err
}

// maxParts is the number of parts in a form.
const maxParts = 8

// fileIn returns the file in a body: the body itself, or the part "file" of a form. It is a part of
// body, so that it takes no more memory.
func fileIn(contentType string, body []byte) ([]byte, error) {
	media, parameters, _ := mime.ParseMediaType(contentType)
	if media != "multipart/form-data" {
		return body, nil
	}
	form := multipart.NewReader(bytes.NewReader(body), parameters["boundary"])
	for range maxParts {
		part, err := form.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, badRequest("The form cannot be read: %s.", shorten(err.Error(), maxReason))
		}
		if part.FormName() == "file" {
			return readPart(part)
		}
	}
	return nil, badRequest("The form has no file.")
}

func readPart(part *multipart.Part) ([]byte, error) {
	content, err := io.ReadAll(part)
	if err != nil {
		return nil, badRequest("The file in the form cannot be read: %s.", shorten(err.Error(), maxReason))
	}
	return content, nil
}
