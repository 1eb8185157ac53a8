//go:build attack && linux

package attack

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// deployAttacks use deployments.
var deployAttacks = []attack{
	{name: "archives that expand", run: uploads("/endpoints/bomb/archive", zipBomb)},
	{name: "models that load for ever", run: uploads("/endpoints/slow/source", func() []byte { return []byte("while True:\n    pass") })},
	{name: "models that fill their memory", run: uploads("/endpoints/large/source", func() []byte {
		return []byte("x = []\nwhile True:\n    x.append(bytearray(10**6))")
	})},
	{name: "new versions of a model", run: uploads("/endpoints/versions/source", func() []byte { return []byte("def versions(x): return x") })},
	{name: "new models", run: newModels},
}

// uploads returns an attack that uploads a body again and again.
func uploads(path string, body func() []byte) func(context.Context, *testing.T, *victim) {
	return func(ctx context.Context, _ *testing.T, v *victim) {
		content := body()
		c := v.attacker()
		defer c.CloseIdleConnections()
		repeatWithout(ctx, bodyClients, func(ctx context.Context) { v.upload(ctx, c, path, content) })
	}
}

func (v *victim) upload(ctx context.Context, c *http.Client, path string, content []byte) {
	if r, err := http.NewRequestWithContext(ctx, http.MethodPut, v.url+path, bytes.NewReader(content)); err == nil {
		_, _ = status(c, r)
	}
}

// newModels deploys a new model with each request.
func newModels(ctx context.Context, _ *testing.T, v *victim) {
	var n atomic.Int64
	c := v.attacker()
	defer c.CloseIdleConnections()
	repeatWithout(ctx, bodyClients, func(ctx context.Context) {
		name := fmt.Sprintf("m%d", n.Add(1))
		v.upload(ctx, c, "/endpoints/"+name+"/source", []byte("def "+name+"(x): return x\n#"+strings.Repeat("x", 1<<20)))
	})
}

// zipBomb returns a zip archive with a pickle that is a thousand times larger.
func zipBomb() []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	f, err := z.Create("pickle_archive")
	for range 500 {
		if err == nil {
			_, err = f.Write(make([]byte, 1<<20))
		}
	}
	if err != nil || z.Close() != nil {
		panic("a buffer does not fail")
	}
	return b.Bytes()
}
