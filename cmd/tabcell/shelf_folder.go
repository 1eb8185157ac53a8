package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"tabcell/runtime"
	"tabcell/runtime/registry"
	"tabcell/settings"
)

// folder is a shelf that no server has open. What is deployed on it is loaded in a cell first, as a server does; the guest is started when
// that is needed.
type folder struct {
	kept     *registry.Registry
	settings settings.Settings
	start    func(ctx context.Context, s settings.Settings) (modelLoader, error)
	engine   modelLoader // nil until it is needed
}

func (s *folder) list() ([]endpointView, error) {
	views := []endpointView{}
	for _, e := range s.kept.List() {
		views = append(views, viewOf(e))
	}
	return views, nil
}

func (s *folder) show(name string) (endpointView, error) {
	e, ok := s.kept.Get(name)
	if !ok {
		return endpointView{}, fmt.Errorf("%q: %w", name, registry.ErrNotFound)
	}
	return viewOf(e), nil
}

func viewOf(e registry.Endpoint) endpointView {
	view := endpointView{
		Name: e.Name, Version: e.Version, Type: e.Type, Target: e.Target,
		Description: e.Description, Docstring: e.Docstring, Versions: []versionView{},
	}
	for _, v := range e.Versions {
		view.Versions = append(view.Versions, versionView{v.Number, string(v.Kind), v.Function, v.Requires, v.Size, v.Sum, v.Deployed, v.CopyOf, v.Author})
	}
	return view
}

func (s *folder) deploy(ctx context.Context, d registry.Deployment) (int, error) {
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
	e, err := s.kept.Deploy(d)
	return e.Version, err
}

// load loads the model in a cell, to see whether it can be.
func (s *folder) load(ctx context.Context, d registry.Deployment) (info runtime.ModelInfo, err error) {
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

func (s *folder) rollback(name string, to int) (int, error) {
	e, err := s.kept.Rollback(name, to, "")
	if err != nil {
		err = fmt.Errorf("%q: %w", name, err)
	}
	return e.Version, err
}

func (s *folder) remove(name string) error {
	if err := s.kept.Remove(name); err != nil {
		return fmt.Errorf("%q: %w", name, err)
	}
	return nil
}

func (s *folder) export(w io.Writer, names []string) (int, error) {
	if len(names) == 0 {
		for _, e := range s.kept.List() {
			names = append(names, e.Name)
		}
	}
	return len(names), s.kept.Export(w, names)
}

func (s *folder) close() error {
	var err error
	if s.engine != nil {
		err = s.engine.Close()
	}
	return errors.Join(err, s.kept.Close())
}
