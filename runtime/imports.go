package runtime

import (
	"bytes"
	"slices"
	"strings"

	"tabcell/runtime/internal/pysource"
	"tabcell/runtime/internal/vfs"

	"github.com/rs/zerolog"
)

// Importing a large library takes longer than most scripts run, and each cell would have to do it
// again. The second time that scripts import the same modules of Guest.OnDemand, these are
// therefore imported in a fresh cell whose memory is captured, like that of a loaded model. Later
// calls whose scripts import the same modules start from there.
//
// An import can depend on what the script does before it: on variables of the environment, or on
// sys.path. Scripts that mention these import the modules themselves.
//
// Nothing of a request is in the cell that imports, so all accounts share its image. A script whose
// modules cannot be imported, or print when they are, runs as if there were no such images.

const (
	maxImportImages  = 16 // at a time; each set of modules has its own
	maxKnownImports  = 4096
	importsPerScript = 32 // a script with more modules gets no image
)

// changesImports are texts of scripts that may change what an import does.
var changesImports = [][]byte{[]byte("environ"), []byte("putenv"), []byte("sys.path"), []byte("sys.modules"), []byte("sys.meta_path")}

// importSets finds the modules that repeated scripts import.
type importSets struct {
	modules map[string]bool // top-level
	library *vfs.Library
	seen    *recentSet[string] // sets that a call has imported
	failed  *recentSet[string] // sets that no image can have
}

func newImportSets(modules []string, library *vfs.Library) *importSets {
	set := map[string]bool{}
	for _, module := range modules {
		set[module] = true
	}
	return &importSets{
		modules: set, library: library,
		seen: newRecentSet[string](maxKnownImports), failed: newRecentSet[string](maxKnownImports),
	}
}

// repeated returns the modules that the script of a request imports, separated by blanks, if an
// earlier call has imported the same ones. Otherwise it returns "".
func (s *importSets) repeated(request []byte) string {
	if len(s.modules) == 0 {
		return ""
	}
	script := pysource.Script(request)
	if len(script) > maxScript {
		return ""
	}
	names := pysource.Imports(script, s.modules)
	if len(names) == 0 || len(names) > importsPerScript {
		return ""
	}
	if slices.ContainsFunc(changesImports, func(text []byte) bool { return bytes.Contains(script, text) }) {
		return ""
	}
	set := strings.Join(s.normalize(names), " ")
	switch {
	case set == "" || s.failed.has(set):
		return ""
	case !s.seen.has(set):
		s.seen.add(set)
		return ""
	}
	return set
}

// normalize returns the names of modules of the library, sorted, without the packages that are
// imported together with their submodules.
func (s *importSets) normalize(names []string) []string {
	slices.Sort(names)
	names = slices.DeleteFunc(slices.Compact(names), func(name string) bool { return !s.library.HasModule(name) })
	packages := slices.Clone(names)
	return slices.DeleteFunc(names, func(name string) bool {
		i := slices.Index(packages, name)
		return i+1 < len(packages) && strings.HasPrefix(packages[i+1], name+".")
	})
}

// acquireImports returns the image in which the modules are imported that the script of a request
// imports, or nil. The caller must have a permit, and must release the image.
func (a *admission) acquireImports(request []byte) *loadedModel {
	e := a.engine
	set := e.imports.repeated(request)
	if set == "" {
		return nil
	}
	head := headLine(map[string]any{"kind": "imports", "requires": strings.Fields(set)})
	l, err := e.models.acquire(a.ctx, templateKey{engine: e, head: head, imports: true}, func(l *loadedModel) error {
		return e.load(a.ctx, nil, nil, a.watched, l)
	})
	if err != nil {
		if a.ctx.Err() == nil {
			zerolog.Ctx(a.ctx).Debug().Err(err).Str("modules", set).Msg("scripts that import these modules import them in each call")
			e.imports.failed.add(set)
		}
		return nil
	}
	if l.template.Image().Size() > a.limits.Memory {
		e.models.release(l)
		return nil
	}
	return l
}
