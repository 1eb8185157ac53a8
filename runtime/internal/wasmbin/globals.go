package wasmbin

import "fmt"

// exportGlobals exports every mutable global that the module defines, and returns the export names
// in index order. A global that is already exported also keeps its old name.
func (a *additions) exportGlobals() ([]string, error) {
	var names []string
	for i := a.m.imported[KindGlobal]; i < len(a.m.globals); i++ {
		if !a.m.globals[i].mutable {
			continue
		}
		name, err := a.export(fmt.Sprintf("global%d", i), KindGlobal, uint32(i))
		if err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}
