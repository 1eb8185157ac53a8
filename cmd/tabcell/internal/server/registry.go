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

// openModels opens the folder of deployed endpoints. It returns nil if none is configured, or if
// the default folder cannot be opened, for example in a container without a disk. If another
// process has the folder open, the server serves its present endpoints, but cannot deploy any.
func openModels(loaded *settings.Loaded, log *zerolog.Logger) (*registry.Registry, error) {
	m := loaded.Settings.Models
	if m.Path == "" {
		log.Warn().Msg("no folder is configured for deployed endpoints, so none can be deployed; set TABCELL_MODELS_PATH")
		return nil, nil
	}
	replicated, err := isNode(loaded.Settings)
	if err != nil {
		return nil, err
	}
	options := endpoints.RegistryOptions(m)
	options.Replicated = replicated
	models, err := registry.Open(m.Path, options)
	if errors.Is(err, registry.ErrLocked) && !replicated {
		e := log.Warn().Str("folder", m.Path)
		if other, err := registry.ReadServer(m.Path); err == nil {
			e = e.Str("server", other.URL).Int("pid", other.PID)
		}
		e.Msg("another process has the models folder open; this server serves the present endpoints, but none can be deployed here")
		options.ReadOnly = true
		models, err = registry.Open(m.Path, options)
	}
	if err != nil && !modelsPathSet(loaded) && !replicated && !errors.Is(err, registry.ErrReplicated) {
		log.Warn().Err(err).Msg("no endpoints can be deployed; set TABCELL_MODELS_PATH to another folder")
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, d := range models.DamagedManifests() {
		log.Error().Str("file", d.File).Err(d.Err).Msg("a deployed endpoint is damaged and not served; deploy it again")
	}
	return models, nil
}

// closeModels closes the folder of deployed endpoints, so that another process can open it.
func (s *service) closeModels() {
	if s.registry == nil {
		return
	}
	if err := s.registry.Close(); err != nil {
		s.log.Warn().Err(err).Msg("the models folder could not be closed")
	}
}

// modelsPathSet reports whether the models folder is configured, and not the default.
func modelsPathSet(loaded *settings.Loaded) bool {
	return slices.ContainsFunc(loaded.Effective(), func(e settings.Effective) bool {
		return e.Name == "TABCELL_MODELS_PATH" && e.Origin.Layer != settings.Default
	})
}

// stagingFolder returns the folder to which TabPy's client writes archives. It is in TabPy's state
// folder if that is configured, and else in the models folder. It is "" if there is neither.
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
	if real, err := filepath.EvalSymlinks(dir); err == nil { // TabPy, too, reports the path without symbolic links
		dir = real
	}
	return filepath.Join(dir, "staging")
}

// withModels adds the deployed endpoints to deps, if models is not nil.
func withModels(deps httpapi.Deps, models *registry.Registry, runner httpapi.Runner) httpapi.Deps {
	if models != nil { // an interface with a nil *Registry would not be nil
		deps.Models, deps.Runner, deps.Backup = models, runner, models
	}
	return deps
}

// suggestImport logs how to import the endpoints in TabPy's state folder, if none are deployed yet.
func suggestImport(s settings.Settings, models *registry.Registry, log *zerolog.Logger) {
	if models == nil || s.State.Path == "" || len(models.List()) > 0 {
		return
	}
	text, err := os.ReadFile(settings.StateFile(s.State.Path))
	if err != nil {
		return
	}
	if found, err := endpoints.ReadTabPyState(text); err == nil && len(found) > 0 {
		log.Info().Int("endpoints", len(found)).Msgf("TabPy has deployed endpoints in %s; import them with `tabcell endpoint import %s`", s.State.Path, s.State.Path)
	}
}
