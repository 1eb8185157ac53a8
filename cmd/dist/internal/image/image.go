// Package image builds container images of tabcell, without Docker, a registry, or a base image. An
// image has the program, a user, the certificates of public authorities, and the licenses. It has
// no shell and no libraries, because the program needs none.
//
// The same files give the same bytes.
package image

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Repository is the name of the image, without a registry.
const Repository = "tabcell"

// CodeSuffix ends the tags of images with compiled code.
const CodeSuffix = "-code"

// Options describes the images to build.
type Options struct {
	Version  string
	Revision string // commit of the source; "" if unknown
	Modified time.Time
	// Programs has the paths of static programs by platform, such as "linux/arm64". It must not be
	// empty.
	Programs map[string]string
	// Code has folders made by "tabcell warm --into", by platform. Each must fit the program of its
	// platform. For these platforms there is a second image with the code inside.
	Code map[string]string
	// Documents has the paths of files such as LICENSE, by their names in the image.
	Documents map[string]string
	Out       string // the folder for the images, which must exist
}

// Build writes the images into Out and returns the paths of the files:
//
//   - an OCI layout with the images of all platforms, packed with tar
//   - for each platform, a file for "docker load"
//   - the same two for the images with compiled code, if there is any
func Build(o Options) ([]string, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	o.Modified = o.Modified.UTC() // the configuration has it as text
	files, err := o.buildVariant(slices.Sorted(maps.Keys(o.Programs)), "")
	if err != nil || len(o.Code) == 0 {
		return files, err
	}
	more, err := o.buildVariant(slices.Sorted(maps.Keys(o.Code)), CodeSuffix)
	return append(files, more...), err
}

func (o Options) check() error {
	switch {
	case o.Version == "":
		return errors.New("the images need a version")
	case len(o.Programs) == 0:
		return errors.New("there is no program to build an image of")
	}
	for platform := range o.Programs {
		if system, arch, _ := strings.Cut(platform, "/"); system != "linux" || arch == "" {
			return fmt.Errorf("there are images for Linux only, not for the platform %q", platform)
		}
	}
	for platform := range o.Code {
		if o.Programs[platform] == "" {
			return fmt.Errorf("there is compiled code for %s, but no program", platform)
		}
	}
	info, err := os.Stat(o.Out)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a folder", o.Out)
	}
	return err
}

// buildVariant writes the images whose tag ends with suffix.
func (o Options) buildVariant(platforms []string, suffix string) ([]string, error) {
	images := map[string]v1.Image{}
	for _, platform := range platforms {
		image, err := o.image(platform, suffix == CodeSuffix)
		if err != nil {
			return nil, fmt.Errorf("the image for %s: %w", platform, err)
		}
		images[platform] = image
	}
	tag := o.tag(suffix)
	layout := filepath.Join(o.Out, fmt.Sprintf("%s-%s-oci.tar", Repository, tag))
	files := []string{layout}
	if err := o.writeLayout(layout, tag, images); err != nil {
		return nil, err
	}
	for _, platform := range platforms {
		file := filepath.Join(o.Out, fmt.Sprintf("%s-%s-%s-docker.tar", Repository, tag, strings.ReplaceAll(platform, "/", "-")))
		if err := writeDocker(file, tag, images[platform]); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

// tag returns the tag of an image. A tag cannot have the plus sign of a version's build metadata.
func (o Options) tag(suffix string) string {
	return strings.ReplaceAll(cmp.Or(o.Version, "devel"), "+", "-") + suffix
}
