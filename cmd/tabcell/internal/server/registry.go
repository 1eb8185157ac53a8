package server

import (
	"errors"
	"os"
	"path/filepath"
	"slices"

	"tabcell/cmd/tabcell/internal/endpoints"
	"tabcell/httpapi"
	"tabcell/runtime/registry"
	"tabcell/settings"

	"github.com/rs/zerolog"
)

// openModels opens the folder of deployed endpoints for the server; nil where there is none. A
// folder that nobody asked for by name may be impossible, in a container without a disk for
// instance: then the server does without. One that another server has open is served as it is now,
// and nothing can be deployed.
func openModels(loaded *settings.Loaded, log *zerolog.Logger) (*registry.Registry, error) {
	m := loaded.Settings.Models
	if m.Path == "" {
		log.Warn().Msg("no folder is configured for deployed endpoints (TABCELL_MODELS_PATH): nothing can be deployed")
		return nil, nil
	}
	kept, err := registry.Open(m.Path, endpoints.RegistryOptions(m))
	if errors.Is(err, registry.ErrLocked) {
		log.Warn().Str("folder", m.Path).Msg("another process has the models' folder open: what is deployed now is served, and nothing can be deployed here")
		options := endpoints.RegistryOptions(m)
		options.ReadOnly = true
		kept, err = registry.Open(m.Path, options)
	}
	if err != nil && !modelsPathGiven(loaded) {
		log.Warn().Err(err).Msg("nothing can be deployed: name a folder for it (TABCELL_MODELS_PATH)")
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, d := range kept.DamagedManifests() {
		log.Error().Str("file", d.File).Err(d.Err).Msg("a deployed endpoint is damaged and not served: deploy it again")
	}
	return kept, nil
}

// closeModels lets another process have the folder.
func (s *service) closeModels() {
	if s.registry == nil {
		return
	}
	if err := s.registry.Close(); err != nil {
		s.log.Warn().Err(err).Msg("the models' folder could not be closed")
	}
}

func modelsPathGiven(loaded *settings.Loaded) bool {
	return slices.ContainsFunc(loaded.Effective(), func(e settings.Effective) bool {
		return e.Name == "TABCELL_MODELS_PATH" && e.Origin.Layer != settings.Default
	})
}

// stagingFolder is where TabPy's client puts archives: in TabPy's state folder if there is one,
// else in the models' own.
func stagingFolder(s settings.Settings) string {
	dir := s.State.Path
	if dir == "" {
		dir = s.Models.Path
	}
	if dir == "" {
		return ""
	}
	if absolute, err := filepath.Abs(dir); err == nil {
		dir = absolute
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil { // TabPy tells the real path
		dir = real
	}
	return filepath.Join(dir, "staging")
}

// withModels adds what is deployed to what the API needs.
func withModels(deps httpapi.Deps, kept *registry.Registry, runner httpapi.Runner) httpapi.Deps {
	if kept != nil { // a nil *Registry in an interface would not be nil
		deps.Models, deps.Runner = kept, runner
	}
	return deps
}

// hintAtImport tells of TabPy's endpoints that are not here yet.
func hintAtImport(s settings.Settings, kept *registry.Registry, log *zerolog.Logger) {
	if kept == nil || s.State.Path == "" || len(kept.List()) > 0 {
		return
	}
	text, err := os.ReadFile(settings.StateFile(s.State.Path))
	if err != nil {
		return
	}
	if there, err := endpoints.ReadTabPyState(text); err == nil && len(there) > 0 {
		log.Info().Int("endpoints", len(there)).Msgf("TabPy deployed endpoints in %s: bring them here with `tabcell endpoint import %s`", s.State.Path, s.State.Path)
	}
}
