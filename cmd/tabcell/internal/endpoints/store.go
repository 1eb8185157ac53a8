// Package endpoints gives the commands access to deployed endpoints: in the models folder of this
// machine, or through a running server. It also reads the endpoints in the state folder of TabPy,
// and contains the ready-made models.
package endpoints

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"tabcell/runtime"
	"tabcell/runtime/osfile"
	"tabcell/runtime/registry"
	"tabcell/settings"
)

// Store lists and changes endpoints.
type Store interface {
	// List returns all endpoints, sorted by name.
	List() ([]Endpoint, error)
	// Show returns one endpoint with its versions.
	Show(name string) (Endpoint, error)
	// Deployed returns the version of the existing endpoint d.Name if a deployment would not change
	// it. It returns 0 if it would, or if the endpoint's model is damaged or does not load.
	Deployed(d registry.Deployment) (version int, err error)
	// Deploy stores a new endpoint, or a new version of one, and returns the version.
	Deploy(ctx context.Context, d registry.Deployment) (version int, err error)
	// Rollback deploys the code of an old version again. If to is 0, it is the previous version.
	Rollback(name string, to int) (version int, err error)
	// Remove removes an endpoint with all its versions.
	Remove(name string) error
	// archivable returns the names of all endpoints, models before aliases, and damaged those of
	// endpoints that cannot be read.
	archivable() ([]string, error)
	damaged() []string
	// archive adds an endpoint to an archive, and returns the numbers of its damaged versions.
	// If the archive cannot be continued after an error, it is a *brokenArchiveError.
	archive(a *registry.ArchiveWriter, name string) (damaged []int, err error)
	// restore restores the endpoint e that archive.Next has returned.
	restore(archive *registry.ArchiveReader, e registry.Endpoint, o ImportOptions) Imported
	// Close releases the folder, the engine or the connections. After changes of a folder that no
	// server has open, it prints when they take effect.
	Close() error
}

// Options configures the access to a store.
type Options struct {
	User, Password, Token string // credentials for a server; Ask is called for missing ones
	CA                    string // file of the certificates to trust; "" for the system's certificate store
	Stderr                io.Writer
	Ask                   func(prompt string, secret bool) (string, error)
	Start                 func(ctx context.Context, s settings.Settings) (ModelLoader, error)
}

// ModelLoader loads models in the guest, to check that they can be loaded.
type ModelLoader interface {
	LoadModel(ctx context.Context, m runtime.Model) (runtime.ModelInfo, error)
	Close() error
}

// checkWriter returns an error if root is about to write files that the server of the folder could not
// read. A running server writes them itself.
func checkWriter(dir string, writes bool) error {
	if _, err := registry.ReadServer(dir); err == nil || !writes {
		return nil
	}
	return osfile.CheckUser(dir)
}

// Open opens the configured models folder. If writes is true and a server has the folder open, it
// returns the store of that server.
func Open(ctx context.Context, loaded *settings.Loaded, writes bool, o Options) (Store, error) {
	cfg := loaded.Settings.Models
	if cfg.Path == "" {
		return nil, errors.New("no folder is configured for deployed endpoints; set TABCELL_MODELS_PATH, or name a running server with --url")
	}
	if err := checkWriter(cfg.Path, writes); err != nil {
		return nil, err
	}
	options := RegistryOptions(cfg)
	options.ReadOnly = !writes
	models, err := registry.Open(cfg.Path, options)
	switch {
	case errors.Is(err, registry.ErrLocked):
		return dialHolder(ctx, cfg.Path, o)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%w; run the command as the user of the server, or name a running server with --url", err)
	case err != nil:
		return nil, err
	}
	for _, d := range models.DamagedManifests() {
		fmt.Fprintf(o.Stderr, "tabcell: the deployed endpoint %q is damaged: %s: %v\n", d.Name, d.File, d.Err)
	}
	return &localStore{start: o.Start, registry: models, settings: loaded.Settings, stderr: o.Stderr}, nil
}

// RegistryOptions returns the options of the registry for the settings.
func RegistryOptions(m settings.Models) registry.Options {
	o := registry.Options{MaxBytes: int64(m.MaxMB) << 20, MaxCount: m.MaxCount, KeepVersions: m.KeepVersions}
	if m.MaxCount == 0 {
		o.MaxCount = -1 // no limit; 0 would mean the default
	}
	return o
}
