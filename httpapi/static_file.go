package httpapi

import (
	"bytes"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// maxGzipFileSize is the size of the largest file that is compressed, since that happens in memory.
const maxGzipFileSize = 1 << 20

// oneRange matches the only kind of Range header that is served. TabPy ignores the others, and
// several ranges in one request can multiply the size of the response.
var oneRange = regexp.MustCompile(`^bytes=(\d+-\d*|-\d+)$`)

// sendFile sends a file or a range of it, or 304 if the client already has it.
func (req *request) sendFile(file *os.File, name string) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	tag, err := req.api.etags.get(name, file, info)
	if err != nil {
		return err
	}
	r, h := req.Request(), req.Response().Header()
	kind := fileType(name)
	h.Set("Etag", tag)
	h.Set("Content-Type", kind)
	for _, condition := range []string{"If-Match", "If-Unmodified-Since"} { // TabPy ignores these headers
		r.Header.Del(condition)
	}
	if !oneRange.MatchString(r.Header.Get("Range")) {
		r.Header.Del("Range")
	}
	content := io.ReadSeeker(file)
	if req.compresses(kind, info.Size()) {
		if content, err = req.compressFile(file, info.Size()); err != nil {
			return err
		}
	}
	control := http.NewResponseController(req.Response())
	paced := pacedWriter{req.Response(), newTransfer(req.api.pace, control.SetWriteDeadline)}
	http.ServeContent(pacedResponse{req.Response(), paced}, r, name, info.ModTime(), content)
	return nil
}

// compresses reports whether a file is sent in gzip format: a whole file of a text type in the
// response to a GET.
//
// GAP: TabPy compresses texts of any size, and ranges of them, and sends them in chunks.
func (req *request) compresses(kind string, size int64) bool {
	r := req.Request()
	return acceptsGzip(r) && size >= minGzipSize && size <= maxGzipFileSize && isText(kind) && r.Method == http.MethodGet && r.Header.Get("Range") == ""
}

// compressFile returns the compressed content of file and sets the headers for it.
func (req *request) compressFile(file io.Reader, size int64) (io.ReadSeeker, error) {
	if err := req.memory().reserve(size); err != nil {
		return nil, err
	}
	plain := make([]byte, size)
	if _, err := io.ReadFull(file, plain); err != nil {
		return nil, fmt.Errorf("the file changed during the read: %w", err)
	}
	compressed, err := compress(writeBytes(plain), req.memory())
	if err != nil {
		return nil, err
	}
	req.Response().Header().Set("Content-Encoding", "gzip")
	req.Response().Header().Set("Content-Length", strconv.Itoa(len(compressed)))
	return bytes.NewReader(compressed), nil
}

// fileTypes maps extensions to content types, as Python's mimetypes does for TabPy. The fixed table
// is equal on all hosts. Other files are sent as application/octet-stream.
var fileTypes = map[string]string{
	".html": "text/html", ".htm": "text/html", ".css": "text/css", ".js": "text/javascript", ".mjs": "text/javascript", ".txt": "text/plain",
	".csv": "text/csv", ".xml": "text/xml", ".md": "text/markdown", ".py": "text/x-python", ".json": "application/json",
	".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
	".ico": "image/vnd.microsoft.icon", ".woff": "font/woff", ".woff2": "font/woff2", ".ttf": "font/ttf", ".otf": "font/otf",
	".pdf": "application/pdf", ".zip": "application/zip", ".gz": "application/gzip", ".wasm": "application/wasm",
}

func fileType(name string) string {
	if kind, ok := fileTypes[strings.ToLower(path.Ext(name))]; ok {
		return kind
	}
	return "application/octet-stream"
}

func isText(kind string) bool {
	return strings.HasPrefix(kind, "text/") || kind == "application/json" || kind == "image/svg+xml"
}

// etagCache caches the ETags of files, because computing one requires reading the whole file.
type etagCache struct {
	mu      sync.Mutex // guards entries
	entries map[string]fileETag
}

type fileETag struct {
	info fs.FileInfo // of the file when the ETag was computed
	etag string
}

// maxCachedETags is the size at which the cache is cleared. Static folders usually have fewer
// files.
const maxCachedETags = 1000

// get returns the SHA-512 of a file in quotes. If the ETag is not cached, it reads the file and
// seeks back to its start.
func (c *etagCache) get(name string, file io.ReadSeeker, info fs.FileInfo) (string, error) {
	c.mu.Lock()
	cached, ok := c.entries[name]
	c.mu.Unlock()
	if ok && unchanged(cached.info, info) {
		return cached.etag, nil
	}
	sum := sha512.New()
	_, err := io.Copy(sum, file)
	_, rewound := file.Seek(0, io.SeekStart)
	if err := errors.Join(err, rewound); err != nil {
		return "", err
	}
	tag := `"` + hex.EncodeToString(sum.Sum(nil)) + `"`
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil || len(c.entries) >= maxCachedETags {
		c.entries = map[string]fileETag{}
	}
	c.entries[name] = fileETag{info, tag}
	return tag, nil
}

// unchanged reports whether a and b describe the same file with the same content.
func unchanged(a, b fs.FileInfo) bool {
	return a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size() && os.SameFile(a, b)
}
