package httpapi

import "tabcell/runtime/registry"

// noModels implements Models for a server without a models folder: it is always empty.
type noModels struct{}

func (noModels) List() []registry.Endpoint            { return nil }
func (noModels) Get(string) (registry.Endpoint, bool) { return registry.Endpoint{}, false }
func (noModels) Resolve(string) (registry.Endpoint, error) {
	return registry.Endpoint{}, registry.ErrNotFound
}
func (noModels) Content(registry.Version) ([]byte, error) { return nil, registry.ErrNotFound }
func (noModels) Deploy(registry.Deployment) (registry.Endpoint, error) {
	return registry.Endpoint{}, errDeployUnavailable
}
func (noModels) UpdateMetadata(string, func(*registry.Metadata)) (registry.Endpoint, error) {
	return registry.Endpoint{}, registry.ErrNotFound
}
func (noModels) Rollback(string, int, string) (registry.Endpoint, error) {
	return registry.Endpoint{}, registry.ErrNotFound
}
func (noModels) Remove(string) error { return registry.ErrNotFound }
