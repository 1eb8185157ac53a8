package image

import (
	"fmt"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// image returns the image for a platform, with its compiled code inside if withCode is set.
func (o Options) image(platform string, withCode bool) (v1.Image, error) {
	layers, err := o.layers(platform, withCode)
	if err != nil {
		return nil, err
	}
	img := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	if img, err = mutate.Append(img, layers...); err != nil {
		return nil, err
	}
	file, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.OS, file.Architecture, _ = strings.Cut(platform, "/")
	file.Created = v1.Time{Time: o.Modified}
	file.Config = o.config(withCode)
	return mutate.ConfigFile(img, file)
}

// config returns how a runtime starts the image.
//
// It does not set TABCELL_HOST: without authentication, the server then listens on the loopback
// address of the container, which a published port does not reach, and with it on all addresses.
func (o Options) config(withCode bool) v1.Config {
	c := v1.Config{
		User:       fmt.Sprintf("%d:%d", userID, userID),
		Entrypoint: []string{"/" + program},
		Cmd:        []string{"serve"},
		WorkingDir: "/" + dataFolder,
		Env: []string{
			"PATH=/usr/bin",
			"HOME=/" + dataFolder,
			// Folders below those of the volumes, because a volume may belong to root, and the server
			// uses only folders that belong to its user.
			"TABCELL_CACHE_DIR=/" + cacheFolder + "/code",
			"TABCELL_MODELS_PATH=/" + dataFolder + "/models",
			"TZ=UTC", // compiled code with this zone starts fastest
			"container=oci",
		},
		ExposedPorts: map[string]struct{}{"9004/tcp": {}, "13622/tcp": {}}, // the second one serves Arrow Flight, if that is on
		Volumes:      map[string]struct{}{"/" + dataFolder: {}, "/" + cacheFolder: {}, "/tmp": {}},
		StopSignal:   "SIGTERM",
		Labels:       o.labels(),
		// Docker's extension of the configuration. Other runtimes ignore it.
		Healthcheck: &v1.HealthConfig{
			Test: []string{"CMD", "/" + program, "health"}, Interval: 30 * time.Second, Timeout: 10 * time.Second,
			StartPeriod: 5 * time.Minute, Retries: 3, // the first start compiles the guests
		},
	}
	if withCode {
		c.Env = append(c.Env, "TABCELL_CODE_DIR=/"+codeFolder)
	}
	return c
}

// labels returns the labels of the image, which are also the annotations of its index.
func (o Options) labels() map[string]string {
	labels := map[string]string{
		"org.opencontainers.image.title":       "tabcell",
		"org.opencontainers.image.description": "A server compatible with TabPy that runs each Python script in a sealed cell",
		"org.opencontainers.image.version":     o.Version,
		"org.opencontainers.image.created":     o.Modified.UTC().Format(time.RFC3339),
		"org.opencontainers.image.licenses":    "Apache-2.0",
	}
	if o.Revision != "" {
		labels["org.opencontainers.image.revision"] = o.Revision
	}
	return labels
}
