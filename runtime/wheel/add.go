package wheel

// Add adds wheels to a guest's resources. The guest's own resources stay: a wheel has modules of
// the same names only in namespace packages.
func Add(resources map[string][]byte, wheels []Wheel) {
	for _, w := range wheels {
		for name, b := range w.Resources {
			if old, exists := resources[name]; !exists || isNamespace(old) {
				resources[name] = b
			}
		}
	}
}
