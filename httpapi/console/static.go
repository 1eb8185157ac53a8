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

// The tokens in index.html for the base path and for the links to the modules of a page.
const (
	baseToken     = "{{base}}"
	preloadsToken = "{{preloads}}"
)

// file is a file of the front end in both forms.
type file struct {
	plain       []byte
	gzipped     func() []byte // compresses plain at its first call; nil if that is not smaller
	contentType string
	etag        string
}

// contentTypes has the types of all files of the front end.
var contentTypes = map[string]string{
	".html": "text/html; charset=UTF-8", ".js": "text/javascript; charset=UTF-8", ".css": "text/css; charset=UTF-8", ".json": "application/json",
	".svg": "image/svg+xml", ".png": "image/png", ".txt": "text/plain; charset=UTF-8",
}

// frontEnd has the files that a browser loads.
type frontEnd struct {
	pages  map[string][]byte // index.html with links to the modules of a page, by the name of the page
	assets map[string]file   // by name
}

// readFrontEnd returns the files of this program. Each is compressed once, when a browser asks for it:
// all of them would take 60 ms of every start.
var readFrontEnd = sync.OnceValues(func() (frontEnd, error) {
	pages, err := readPages(web.Dist())
	if err != nil {
		return frontEnd{}, err
	}
	assets, err := readAssets(web.Dist())
	return frontEnd{pages, assets}, err
})

// readPages fills the list of modules into the index. A browser loads them while it reads the page,
// instead of one level of imports after the other.
func readPages(dist fs.FS) (map[string][]byte, error) {
	index, err := fs.ReadFile(dist, "index.html")
	if err != nil {
		return nil, err
	}
	modules, err := web.Modules()
	if err != nil {
		return nil, err
	}
	pages := map[string][]byte{}
	for page, names := range modules {
		var links strings.Builder
		for _, name := range names {
			fmt.Fprintf(&links, `<link rel="modulepreload" href="%s/console/%s">`, baseToken, name)
		}
		pages[page] = bytes.ReplaceAll(index, []byte(preloadsToken), []byte(links.String()))
	}
	return pages, nil
}

// readAssets reads the assets. It fails if one has an unknown type.
func readAssets(dist fs.FS) (map[string]file, error) {
	assets := map[string]file{}
	names, err := fs.Glob(dist, "assets/*")
	for _, name := range names {
		content, err := fs.ReadFile(dist, name)
		if err != nil {
			return nil, err
		}
		kind, ok := contentTypes[path.Ext(name)]
		if !ok {
			return nil, fmt.Errorf("the console's file %s has no known type; add it to contentTypes", name)
		}
		assets[path.Base(name)] = newFile(content, kind)
	}
	return assets, err
}

func newFile(content []byte, contentType string) file {
	sum := sha256.Sum256(content)
	return file{
		plain: content, contentType: contentType, etag: `"` + hex.EncodeToString(sum[:16]) + `"`,
		gzipped: sync.OnceValue(func() []byte { return compress(content) }),
	}
}

// compress returns the compressed content, or nil if it is not smaller.
func compress(content []byte) []byte {
	var z bytes.Buffer
	w, _ := gzip.NewWriterLevel(&z, gzip.BestCompression) // the level is valid
	_, _ = w.Write(content)                               // a bytes.Buffer has no errors
	_ = w.Close()
	if z.Len() >= len(content) {
		return nil
	}
	return z.Bytes()
}

// response returns the response with the file. cache is the value of the header Cache-Control.
func (f file) response(q *Request, cache string) Response {
	h := http.Header{"Cache-Control": {cache}, "Etag": {f.etag}}
	body := f.plain
	if strings.Contains(q.Header.Get("Accept-Encoding"), "gzip") {
		if gzipped := f.gzipped(); gzipped != nil {
			body = gzipped
			h.Set("Content-Encoding", "gzip")
		}
	}
	return Response{Status: http.StatusOK, ContentType: f.contentType, Body: body, Header: h}
}

// page returns the handler of a path that a browser shows, with the modules of web.Modules. The index
// is asked for again each time, so that it names the assets of the running program.
func (c *Console) page(name string) Handler {
	return func(q *Request) (Response, error) {
		text := bytes.ReplaceAll(c.front.pages[name], []byte(baseToken), []byte(html.EscapeString(q.Public().Prefix)))
		sum := sha256.Sum256(text)
		h := http.Header{"Cache-Control": {"no-cache"}, "Etag": {`"` + hex.EncodeToString(sum[:16]) + `"`}}
		return Response{Status: http.StatusOK, ContentType: contentTypes[".html"], Body: text, Header: h}, nil
	}
}

// missingPage handles addresses in the console that no page has. The page's script says so, and has
// links to the others.
func (c *Console) missingPage(q *Request) (Response, error) {
	resp, err := c.page("shell")(q)
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
	f, ok := c.front.assets[q.Parameter("file")]
	if !ok {
		return Response{}, notFound("such file")
	}
	return f.response(q, "public, max-age=31536000, immutable"), nil
}

// openAPI handles GET /console/api/v1/openapi.json.
func (c *Console) openAPI(q *Request) (Response, error) {
	return c.document.response(q, "no-cache"), nil
}
