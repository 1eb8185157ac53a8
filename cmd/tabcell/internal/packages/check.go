package packages

import (
	"encoding/json"
	"slices"

	"tabcell/assets"
	"tabcell/runtime/wheel"
)

// Report says whether scripts will be able to use a file of the folder.
type Report struct {
	File    string       `json:"file"`
	Name    string       `json:"name"`
	Version string       `json:"version"`
	Modules []string     `json:"modules"`
	State   wheel.State  `json:"state"`
	Works   bool         `json:"works"` // or is not needed
	Reason  string       `json:"reason,omitempty"`
	Advice  string       `json:"advice,omitempty"`
	Notes   []string     `json:"notes,omitempty"`
	Needs   []wheel.Need `json:"needs,omitempty"`
	Imports []Import     `json:"imports,omitempty"`
}

// Import is an import of a module in a cell.
type Import struct {
	Module string `json:"module"`
	Guest  string `json:"guest,omitempty"` // in which it succeeded
	Error  string `json:"error,omitempty"`
}

// Check returns a report for each file of a folder. evaluate runs a script in a cell whose guest
// has the wheels, and returns its result as JSON.
func Check(folder *wheel.Folder, evaluate func(script string) ([]byte, error)) []Report {
	reports := []Report{}
	for i := range folder.Files {
		file := &folder.Files[i]
		r := Report{
			File: file.File, Name: file.Name, Version: file.Version, Modules: file.Modules, State: file.State, Works: file.State != wheel.Refused,
			Reason: file.Reason, Advice: file.Advice, Notes: file.Notes, Needs: file.Needs,
		}
		if file.State == wheel.Used {
			for _, module := range file.Imports() {
				r.Imports = append(r.Imports, importModule(module, evaluate))
			}
			r.Works = len(file.Problems()) == 0 && !slices.ContainsFunc(r.Imports, func(i Import) bool { return i.Error != "" })
		}
		reports = append(reports, r)
	}
	return reports
}

// importModule imports a module in a cell. The image of the guest "full" has scikit-learn.
func importModule(module string, evaluate func(string) ([]byte, error)) Import {
	guest := ""
	result, err := evaluate("import sys\nimport " + module + "\nreturn 'full' if 'sklearn' in sys.modules else 'core'")
	if err == nil {
		err = json.Unmarshal(result, &guest)
	}
	if err != nil {
		return Import{Module: module, Error: err.Error()}
	}
	return Import{Module: module, Guest: guest}
}

// Downloads returns the requirements that other wheels would satisfy, each once.
func Downloads(reports []Report) (requirements []string) {
	for _, r := range reports {
		for _, need := range r.Needs {
			if need.Download != "" && !slices.Contains(requirements, need.Download) {
				requirements = append(requirements, need.Download)
			}
		}
	}
	return requirements
}

// DownloadCommand returns the command that downloads wheels for cells into a folder.
func DownloadCommand(dir string, requirements []string) string {
	return wheel.Download(dir, assets.Manifest().Python, requirements...)
}
