package endpoints

import (
	"context"
	"errors"
	"fmt"
	"io"

	"tabcell/runtime"
	"tabcell/runtime/registry"
	"tabcell/settings"
)

// localStore is the models folder of this machine. Like a server, it loads a model in a cell
// before it deploys it. For that, it starts the guest when it is first needed.
type localStore struct {
	registry *registry.Registry
	settings settings.Settings
	start    func(ctx context.Context, s settings.Settings) (ModelLoader, error)
	engine   ModelLoader // nil until it is needed
	stderr   io.Writer
	changed  bool // whether Close says how the changes take effect
}

func (s *localStore) List() ([]Endpoint, error) {
	views := []Endpoint{}
	for _, e := range s.registry.List() {
		views = append(views, viewOf(e))
	}
	return views, nil
}

func (s *localStore) Show(name string) (Endpoint, error) {
	e, ok := s.registry.Get(name)
	if !ok {
		return Endpoint{}, fmt.Errorf("%q: %w", name, registry.ErrNotFound)
	}
	return viewOf(e), nil
}

// viewOf converts an endpoint of the registry.
func viewOf(e registry.Endpoint) Endpoint {
	view := Endpoint{
		Name: e.Name, Version: e.Version, Type: e.Type, Target: e.Target,
		Description: e.Description, Docstring: e.Docstring, Versions: []Version{},
	}
	for _, v := range e.Versions {
		view.Versions = append(view.Versions, Version{v.Number, string(v.Kind), v.Function, v.Requires, v.Size, v.Sum, v.Deployed, v.CopyOf, v.Author})
	}
	return view
}

func (s *localStore) Deployed(d registry.Deployment) (int, error) {
	e, _ := s.registry.Get(d.Name)
	if !d.Matches(e) {
		return 0, nil
	}
	if e.Type == registry.TypeModel {
		if _, err := s.registry.Content(e.Current()); err != nil {
			return 0, nil // a deployment repairs it
		}
	}
	return e.Version, nil
}

func (s *localStore) Deploy(ctx context.Context, d registry.Deployment) (int, error) {
	if d.Target == "" {
		info, err := s.load(ctx, d)
		if err != nil {
			return 0, err
		}
		if d.Docstring == "" {
			d.Docstring = info.Docstring
		}
		if d.Docstring == "" {
			d.Docstring = registry.NoDocstring
		}
	}
	e, err := s.registry.Deploy(d)
	s.changed = s.changed || err == nil
	return e.Version, err
}

// load loads a model in a cell, to check that this is possible, and returns information about it.
func (s *localStore) load(ctx context.Context, d registry.Deployment) (info runtime.ModelInfo, err error) {
	if s.engine == nil {
		engine, err := s.start(ctx, s.settings)
		if err != nil {
			return info, err
		}
		s.engine = engine
	}
	return s.engine.LoadModel(ctx, runtime.Model{
		Name: d.Name, Version: 1, Kind: runtime.ModelKind(d.Code.Kind), Function: d.Code.Function, Requires: d.Code.Requires, Digest: d.Code.Digest(),
		Content: func(context.Context) ([]byte, error) { return d.Code.Content, nil },
	})
}

func (s *localStore) Rollback(name string, to int) (int, error) {
	e, err := s.registry.Rollback(name, to, "")
	if err != nil {
		return 0, fmt.Errorf("%q: %w", name, err)
	}
	s.changed = true
	return e.Version, nil
}

func (s *localStore) Remove(name string) error {
	if err := s.registry.Remove(name); err != nil {
		return fmt.Errorf("%q: %w", name, err)
	}
	s.changed = true
	return nil
}

func (s *localStore) archivable() (names []string, err error) {
	for _, kind := range []string{registry.TypeModel, registry.TypeAlias} {
		for _, e := range s.registry.List() {
			if e.Type == kind {
				names = append(names, e.Name)
			}
		}
	}
	return names, nil
}

func (s *localStore) damaged() (names []string) {
	for _, d := range s.registry.DamagedManifests() {
		names = append(names, d.Name)
	}
	return names
}

func (s *localStore) archive(a *registry.ArchiveWriter, name string) ([]int, error) {
	x, err := s.registry.OpenExport(name)
	if err != nil {
		return nil, err
	}
	defer x.Close()
	if err := x.AddTo(a); err != nil {
		return nil, &brokenArchiveError{err}
	}
	return x.Damaged, nil
}

func (s *localStore) restore(archive *registry.ArchiveReader, e registry.Endpoint, o ImportOptions) (result Imported) {
	result.Name = e.Name
	staged, err := s.registry.Stage(archive, e)
	if err != nil {
		result.Err = err
		return result
	}
	defer staged.Discard()
	result.Version, result.Dropped = e.Version, staged.Dropped
	result.Outcome = s.registry.CheckRestore(staged)
	switch {
	case result.Outcome == registry.Replaced && !o.Replace:
		result.Err = registry.ErrExists
	case !o.DryRun:
		_, result.Outcome, result.Err = s.registry.Restore(staged, o.Replace)
		s.changed = s.changed || result.Err == nil && result.Outcome != registry.Unchanged
	}
	return result
}

func (s *localStore) Close() error {
	if s.changed {
		fmt.Fprintf(s.stderr, "tabcell: no server has %s open; the next start of one with this folder serves the endpoints\n", s.settings.Models.Path)
	}
	var err error
	if s.engine != nil {
		err = s.engine.Close()
	}
	return errors.Join(err, s.registry.Close())
}
