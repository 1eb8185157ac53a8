package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"html"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"

	"tabcell/httpapi/console/web"
)

// openAPIDocument describes the API.
//
//go:embed openapi.json
var openAPIDocument []byte

// baseToken stands for the base path in index.html.
const baseToken = "{{base}}"

// file is a file of the front end in both forms.
type file struct {
	plain, gzipped []byte // gzipped is nil if it is not smaller
	contentType    string
	etag           string
}

// contentTypes has the types of all files of the front end.
var contentTypes = map[string]string{
	".html": "text/html; charset=UTF-8", ".js": "text/javascript; charset=UTF-8", ".css": "text/css; charset=UTF-8", ".json": "application/json",
	".svg": "image/svg+xml", ".png": "image/png", ".txt": "text/plain; charset=UTF-8",
}

// builtFiles returns the index and the assets of this program. They are compressed once.
func builtFiles() ([]byte, map[string]file, error) {
	built.once.Do(func() { built.index, built.assets, built.err = readFiles(web.Dist()) })
	return built.index, built.assets, built.err
}

var built struct {
	once   sync.Once
	index  []byte
	assets map[string]file
	err    error
}

// readFiles reads the index and the assets, by name. It fails if an asset has an unknown type.
func readFiles(dist fs.FS) (index []byte, assets map[string]file, err error) {
	if index, err = fs.ReadFile(dist, "index.html"); err != nil {
		return nil, nil, err
	}
	assets = map[string]file{}
	names, err := fs.Glob(dist, "assets/*")
	for _, name := range names {
		content, err := fs.ReadFile(dist, name)
		if err != nil {
			return nil, nil, err
		}
		kind, ok := contentTypes[path.Ext(name)]
		if !ok {
			return nil, nil, fmt.Errorf("the console's file %s has no known type; add it to contentTypes", name)
		}
		assets[path.Base(name)] = newFile(content, kind)
	}
	return index, assets, err
}

func newFile(content []byte, contentType string) file {
	sum := sha256.Sum256(content)
	f := file{plain: content, contentType: contentType, etag: `"` + hex.EncodeToString(sum[:16]) + `"`}
	var z bytes.Buffer
	w, _ := gzip.NewWriterLevel(&z, gzip.BestCompression) // the level is valid
	_, _ = w.Write(content)                               // a bytes.Buffer has no errors
	_ = w.Close()
	if z.Len() < len(content) {
		f.gzipped = z.Bytes()
	}
	return f
}

// response returns the response with the file. cache is the value of the header Cache-Control.
func (f file) response(q *Request, cache string) Response {
	h := http.Header{"Cache-Control": {cache}, "Etag": {f.etag}}
	body := f.plain
	if f.gzipped != nil && strings.Contains(q.Header.Get("Accept-Encoding"), "gzip") {
		body = f.gzipped
		h.Set("Content-Encoding", "gzip")
	}
	return Response{Status: http.StatusOK, ContentType: f.contentType, Body: body, Header: h}
}

// page handles the paths that a browser shows. The index is asked for again each time, so that it
// names the assets of the running program.
func (c *Console) page(q *Request) (Response, error) {
	text := bytes.ReplaceAll(c.index, []byte(baseToken), []byte(html.EscapeString(q.Public().Prefix)))
	sum := sha256.Sum256(text)
	h := http.Header{"Cache-Control": {"no-cache"}, "Etag": {`"` + hex.EncodeToString(sum[:16]) + `"`}}
	return Response{Status: http.StatusOK, ContentType: contentTypes[".html"], Body: text, Header: h}, nil
}

// missingPage handles addresses in the console that no page has. The page's script says so, and has
// links to the others.
func (c *Console) missingPage(q *Request) (Response, error) {
	resp, err := c.page(q)
	resp.Status = http.StatusNotFound
	return resp, err
}

// redirectToPage handles GET /console/.
func (c *Console) redirectToPage(q *Request) (Response, error) {
	return Response{Status: http.StatusPermanentRedirect, ContentType: contentTypes[".html"], Header: http.Header{"Location": {q.Public().Prefix + "/console"}}}, nil
}

// asset handles GET /console/assets/FILE. A browser may keep an asset for good, because its name
// changes with its content.
func (c *Console) asset(q *Request) (Response, error) {
	f, ok := c.assets[q.Parameter("file")]
	if !ok {
		return Response{}, notFound("such file")
	}
	return f.response(q, "public, max-age=31536000, immutable"), nil
}

// openAPI handles GET /console/api/v1/openapi.json.
func (c *Console) openAPI(q *Request) (Response, error) {
	return c.document.response(q, "no-cache"), nil
}
