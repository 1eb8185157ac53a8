package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"path"
)

// maxHits is the number of places that a search lists.
const maxHits = 100

// listManual handles GET /manual: all pages, or the places that a search finds.
func (c *Console) listManual(q *Request) (Response, error) {
	if c.deps.Manual == nil {
		return unavailable(q)
	}
	search, err := q.search()
	if err != nil {
		return Response{}, err
	}
	if search == "" {
		return jsonResponse(http.StatusOK, map[string][]ManualPage{"pages": c.deps.Manual.Pages()}), nil
	}
	hits := c.deps.Manual.Search(search)
	more := len(hits) > maxHits
	hits = append([]ManualHit{}, hits[:min(maxHits, len(hits))]...)
	for i := range hits {
		hits[i].Excerpt = shorten(hits[i].Excerpt, maxDescription)
	}
	return jsonResponse(http.StatusOK, struct {
		Pages []ManualHit `json:"pages"`
		More  bool        `json:"more"`
	}{hits, more}), nil
}

// manualPage handles GET /manual/{topic}.
func (c *Console) manualPage(q *Request) (Response, error) {
	if c.deps.Manual == nil {
		return unavailable(q)
	}
	page, blocks, ok := c.deps.Manual.Page(q.Parameter("topic"))
	if !ok {
		return Response{}, notFound(`page "` + shorten(q.Parameter("topic"), maxSearch) + `" of the manual`)
	}
	return jsonResponse(http.StatusOK, struct {
		ManualPage
		Blocks json.RawMessage `json:"blocks"`
	}{page, blocks}), nil
}

// imageTypes has the content types of pictures.
var imageTypes = map[string]string{".png": "image/png", ".webp": "image/webp", ".svg": "image/svg+xml"}

// manualImage handles GET /manual/images/{file}. The policy of the console keeps a browser from
// running anything in a picture.
func (c *Console) manualImage(q *Request) (Response, error) {
	if c.deps.Manual == nil {
		return unavailable(q)
	}
	name := q.Parameter("file")
	contentType := imageTypes[path.Ext(name)]
	if contentType == "" || !fs.ValidPath(name) || bytes.ContainsRune([]byte(name), '/') {
		return Response{}, notFound(`picture "` + shorten(name, maxSearch) + `"`)
	}
	content, err := fs.ReadFile(c.deps.Manual.Images(), name)
	if errors.Is(err, fs.ErrNotExist) {
		return Response{}, notFound(`picture "` + shorten(name, maxSearch) + `"`)
	}
	if err != nil {
		return Response{}, err
	}
	return Response{Status: http.StatusOK, ContentType: contentType, Body: content, Header: http.Header{"Cache-Control": {"private, max-age=3600"}}}, nil
}
