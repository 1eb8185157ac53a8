package image

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// testOptions returns options with small files in place of programs, for two platforms, and with
// compiled code for one of them.
func testOptions(t *testing.T) Options {
	t.Helper()
	dir := t.TempDir()
	write := func(name string) string {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte("content of "+name), 0o600)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("code/bundle.json")
	write("code/core-1/code.bin")
	return Options{
		Version: "1.2.3+dirty", Revision: "abc", Modified: time.Unix(1793491200, 0), Out: t.TempDir(),
		Programs:  map[string]string{"linux/amd64": write("amd64"), "linux/arm64": write("arm64")},
		Code:      map[string]string{"linux/amd64": filepath.Join(dir, "code")},
		Documents: map[string]string{"LICENSE": write("LICENSE")},
	}
}

func build(t *testing.T, o Options) []string {
	t.Helper()
	files, err := Build(o)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestBuild(t *testing.T) {
	o := testOptions(t)
	var names []string
	for _, file := range build(t, o) {
		names = append(names, filepath.Base(file))
	}
	want := []string{
		"tabcell-1.2.3-dirty-oci.tar", "tabcell-1.2.3-dirty-linux-amd64-docker.tar", "tabcell-1.2.3-dirty-linux-arm64-docker.tar",
		"tabcell-1.2.3-dirty-code-oci.tar", "tabcell-1.2.3-dirty-code-linux-amd64-docker.tar",
	}
	if !slices.Equal(names, want) {
		t.Errorf("files %q, want %q", names, want)
	}
	present, err := os.ReadDir(o.Out)
	if err != nil || len(present) != len(want) {
		t.Errorf("the folder has %v, error %v", present, err)
	}
	images := readLayout(t, filepath.Join(o.Out, want[0]))
	if platforms := slices.Sorted(maps.Keys(images)); !slices.Equal(platforms, []string{"linux/amd64", "linux/arm64"}) {
		t.Errorf("platforms %q", platforms)
	}
	for platform, image := range images {
		docker := filepath.Join(o.Out, "tabcell-1.2.3-dirty-"+strings.ReplaceAll(platform, "/", "-")+"-docker.tar")
		loaded, err := tarball.ImageFromPath(docker, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate.Image(loaded); err != nil {
			t.Errorf("%s: %v", docker, err)
		}
		id, err := image.ConfigName()
		loadedID, loadedErr := loaded.ConfigName()
		if err := errors.Join(err, loadedErr); err != nil || id != loadedID {
			t.Errorf("%s: image %s in the layout, %s for docker load (%v)", platform, id, loadedID, err)
		}
	}
}

func TestContent(t *testing.T) {
	o := testOptions(t)
	files := build(t, o)
	headers, contents := entries(t, readLayout(t, files[0])["linux/arm64"])
	for name, want := range map[string]struct {
		mode  int64
		owner int
	}{
		"usr/bin/tabcell": {0o755, 0}, "usr/share/doc/tabcell/LICENSE": {0o644, 0}, "etc/passwd": {0o644, 0}, "tmp": {0o1777, 0},
		"var/lib/tabcell": {0o700, 65532}, "var/cache/tabcell": {0o700, 65532}, "etc/tabcell": {0o755, 0}, "var/lib": {0o755, 0},
	} {
		h := headers[name]
		if h == nil || h.Mode != want.mode || h.Uid != want.owner || h.Gid != want.owner || !h.ModTime.Equal(o.Modified) {
			t.Errorf("%s: %+v, want %+v", name, h, want)
		}
	}
	if contents["usr/bin/tabcell"] != "content of arm64" {
		t.Errorf("the program is %q", contents["usr/bin/tabcell"])
	}
	if n := strings.Count(contents["etc/ssl/certs/ca-certificates.crt"], "BEGIN CERTIFICATE"); n < 50 {
		t.Errorf("the image has the certificates of %d authorities", n)
	}
	if headers["usr/lib/tabcell/tabcell-code"] != nil {
		t.Error("the image without compiled code has its folder")
	}
	headers, contents = entries(t, readLayout(t, files[3])["linux/amd64"])
	if h := headers["usr/lib/tabcell/tabcell-code/core-1"]; h == nil || h.Mode != 0o755 || contents["usr/lib/tabcell/tabcell-code/core-1/code.bin"] != "content of code/core-1/code.bin" {
		t.Errorf("the compiled code is missing: %+v", h)
	}
}

func TestConfig(t *testing.T) {
	for _, withCode := range []bool{false, true} {
		o := testOptions(t)
		img, err := o.image("linux/amd64", withCode)
		if err != nil {
			t.Fatal(err)
		}
		file, err := img.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		c := file.Config
		if file.OS != "linux" || file.Architecture != "amd64" || !file.Created.Equal(o.Modified) || c.User != "65532:65532" || c.StopSignal != "SIGTERM" {
			t.Errorf("configuration %+v", file)
		}
		if slices.ContainsFunc(c.Env, func(v string) bool { return strings.HasPrefix(v, "TABCELL_HOST=") }) {
			t.Error("the image opens the server to the network without authentication")
		}
		if slices.Contains(c.Env, "TABCELL_CODE_DIR=/usr/lib/tabcell/tabcell-code") != withCode {
			t.Errorf("with code %t: environment %q", withCode, c.Env)
		}
		if !slices.Equal(c.Healthcheck.Test, []string{"CMD", "/usr/bin/tabcell", "health"}) || c.Labels["org.opencontainers.image.revision"] != "abc" {
			t.Errorf("health check %q, labels %v", c.Healthcheck.Test, c.Labels)
		}
	}
}

// TestReproducible builds the images twice, from copies in other folders and in another time zone.
func TestReproducible(t *testing.T) {
	first, other := build(t, testOptions(t)), testOptions(t)
	other.Modified = other.Modified.In(time.FixedZone("elsewhere", 3600))
	second := build(t, other)
	for i, file := range first {
		a, err := os.ReadFile(file)
		b, otherErr := os.ReadFile(second[i])
		if err := errors.Join(err, otherErr); err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s differs from the first build (%v)", filepath.Base(file), err)
		}
	}
}

func TestInvalidOptions(t *testing.T) {
	for want, change := range map[string]func(*Options){
		"need a version":            func(o *Options) { o.Version = "" },
		"there is no program":       func(o *Options) { o.Programs = nil },
		"Linux only":                func(o *Options) { o.Programs["windows/amd64"] = "x" },
		"for linux/riscv64, but no": func(o *Options) { o.Code["linux/riscv64"] = "x" },
		"is not a folder":           func(o *Options) { o.Out = o.Programs["linux/amd64"] },
		"no such file":              func(o *Options) { o.Programs["linux/amd64"] += "x" },
		"does not fit into a tag":   func(o *Options) { o.Version = "a b" },
	} {
		o := testOptions(t)
		change(&o)
		if _, err := Build(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
		if left, _ := filepath.Glob(filepath.Join(o.Out, ".oci-*")); len(left) > 0 {
			t.Errorf("a failed build leaves %q", left)
		}
	}
}
