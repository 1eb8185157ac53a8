//go:build kubernetes && linux

package kubernetes

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	goruntime "runtime"
	"time"

	"tabcell/cmd/tabcell/internal/testenv"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// importPause gives containerd the image of pods' first process.
func (c *Cluster) importPause() {
	c.t.Helper()
	program, err := os.ReadFile(c.program("pause"))
	if err != nil {
		c.t.Fatal(err)
	}
	layer, err := layerOf(map[string][]byte{"pause": program})
	if err != nil {
		c.t.Fatal(err)
	}
	file := &v1.ConfigFile{
		OS: "linux", Architecture: goruntime.GOARCH, // containerd imports images for its own platform
		Config: v1.Config{Entrypoint: []string{"/pause"}, User: "65535:65535"},
	}
	img, err := mutate.ConfigFile(empty.Image, file)
	if err == nil {
		img, err = mutate.AppendLayers(img, layer)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	c.importImage(img, pauseImage)
}

// ImportImage gives containerd the image of a release, which is in a file for "docker load", under
// the name reference. With its suffix -code, there is one with compiled code of the guest core: that
// of a release has both guests, which take minutes to compile.
func (c *Cluster) ImportImage(file, reference string) {
	c.t.Helper()
	img, err := tarball.ImageFromPath(file, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	c.importImage(img, reference)
	c.importImage(c.withCode(img), reference+"-code")
}

// codeFolder is the folder of compiled code in images that have it.
const codeFolder = "usr/lib/tabcell/tabcell-code"

// withCode returns the image with the code that its program compiles.
func (c *Cluster) withCode(img v1.Image) v1.Image {
	c.t.Helper()
	program, dir := c.path("tabcell"), c.path("code")
	if err := extractProgram(img, program); err != nil {
		c.t.Fatal(err)
	}
	warm := exec.Command(program, "warm", "--guest", "core", "--into", dir, "--cache-dir", testenv.CacheDir())
	warm.Env = append(os.Environ(), "TZ=UTC") // the zone of the image
	if out, err := warm.CombinedOutput(); err != nil {
		c.t.Fatalf("warm: %v\n%s", err, out)
	}
	files, err := testenv.ReadFiles(dir)
	if err != nil {
		c.t.Fatal(err)
	}
	code := map[string][]byte{}
	for name, content := range files {
		code[path.Join(codeFolder, filepath.ToSlash(name))] = []byte(content)
	}
	layer, err := layerOf(code)
	if err != nil {
		c.t.Fatal(err)
	}
	file, err := img.ConfigFile()
	if err != nil {
		c.t.Fatal(err)
	}
	config := file.DeepCopy().Config
	config.Env = append(config.Env, "TABCELL_CODE_DIR=/"+codeFolder)
	if img, err = mutate.AppendLayers(img, layer); err == nil {
		img, err = mutate.Config(img, config)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return img
}

// extractProgram writes the program of an image to a file.
func extractProgram(img v1.Image, file string) error {
	all := mutate.Extract(img)
	defer all.Close()
	for in := tar.NewReader(all); ; {
		h, err := in.Next()
		if err != nil {
			return fmt.Errorf("the image has no program: %w", err)
		}
		if path.Clean(h.Name) != "usr/bin/tabcell" {
			continue
		}
		content, err := io.ReadAll(in)
		return errors.Join(err, os.WriteFile(file, content, 0o755))
	}
}

// importImage gives containerd an image under the name reference.
func (c *Cluster) importImage(img v1.Image, reference string) {
	c.t.Helper()
	tag, err := name.NewTag(reference)
	if err != nil {
		c.t.Fatal(err)
	}
	file := c.path("image.tar")
	if err := tarball.WriteToFile(file, tag, img); err != nil {
		c.t.Fatal(err)
	}
	c.Run("ctr --namespace k8s.io images import " + file)
}

// layerOf returns a layer with executable files.
func layerOf(files map[string][]byte) (v1.Layer, error) {
	var b bytes.Buffer
	out := tar.NewWriter(&b)
	for path, content := range files {
		if err := out.WriteHeader(&tar.Header{Name: path, Mode: 0o755, Size: int64(len(content)), ModTime: time.Unix(0, 0)}); err != nil {
			return nil, err
		}
		if _, err := out.Write(content); err != nil {
			return nil, err
		}
	}
	if err := out.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil })
}
