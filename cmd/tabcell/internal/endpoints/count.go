package endpoints

import "tabcell/runtime/registry"

// Count returns the number of endpoints in a models folder, also of damaged ones. It is 0 if the
// folder does not exist.
func Count(folder string) (int, error) {
	models, err := registry.Open(folder, registry.Options{ReadOnly: true})
	if err != nil {
		return 0, err
	}
	n := len(models.List()) + len(models.DamagedManifests())
	return n, models.Close()
}
