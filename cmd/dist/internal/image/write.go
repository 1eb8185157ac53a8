package image

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// writeLayout writes an OCI layout with one index, which has the images of all platforms.
func (o Options) writeLayout(file, tag string, images map[string]v1.Image) error {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, platform := range slices.Sorted(maps.Keys(images)) {
		system, arch, _ := strings.Cut(platform, "/")
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add: images[platform], Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: system, Architecture: arch}},
		})
	}
	index = mutate.Annotations(index, o.labels()).(v1.ImageIndex)
	staging, err := os.MkdirTemp(o.Out, ".oci-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(staging)
	path, err := layout.Write(staging, empty.Index)
	if err != nil {
		return err
	}
	if err := path.AppendIndex(index, layout.WithAnnotations(map[string]string{
		"org.opencontainers.image.ref.name": tag, // for skopeo and podman
		"io.containerd.image.name":          "docker.io/library/" + Repository + ":" + tag,
	})); err != nil {
		return err
	}
	t := tree{}
	if err := t.copyFolder(".", staging); err != nil {
		return err
	}
	return create(file, func(w io.Writer) error { return t.write(w, o.Modified) })
}

// writeDocker writes the file for "docker load" of one image.
func writeDocker(file, tag string, image v1.Image) error {
	ref, err := name.NewTag(Repository + ":" + tag)
	if err != nil {
		return fmt.Errorf("the version does not fit into a tag: %w", err)
	}
	return create(file, func(w io.Writer) error { return tarball.Write(ref, image, w) })
}

// create writes a file, and removes it if that fails.
func create(file string, write func(io.Writer) error) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return errors.Join(err, os.Remove(file))
	}
	return nil
}
