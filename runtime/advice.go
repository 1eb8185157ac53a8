package runtime

import (
	"fmt"
	"regexp"
	"strings"
)

// beyondWord matches the texts about sizes that do not fit into the 32 bits of the guest's words.
var beyondWord = regexp.MustCompile(`index-sized integer|C ssize_t|(string|bytes|strings) (is|are) too l(ong|arge)|array is too big`)

// missingWholly matches the text about a module that does not exist. A text that continues has a
// reason already.
var missingWholly = regexp.MustCompile(`^No module named '([\w.]+)'$`)

// advise returns the text of an exception with the reason that is particular to cells, if there is
// one: a feature that a cell lacks. For limits, see exceeded. Only errors that end a call get
// advice, so a script that catches an error sees Python's own text.
func (e *Engine) advise(c *call, class, text string) string {
	switch {
	case class == "ImportError" && strings.HasPrefix(text, "attempted relative import"):
		return text + "; a script is not part of a package, so name the module in full"
	case class == "ImportError":
		return e.adviseOptional(text)
	case class == "ModuleNotFoundError":
		return e.adviseModule(c, text)
	}
	return text
}

// adviseModule returns the text about a missing module with advice, unless the large guest has it.
func (e *Engine) adviseModule(c *call, text string) string {
	m := missingWholly.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	top, _, _ := strings.Cut(m[1], ".")
	if top == c.searched {
		return text
	}
	return text + "; " + e.moduleAdvice(c, m[1], top)
}

// moduleAdvice returns the reason why a module is missing, and what to do.
func (e *Engine) moduleAdvice(c *call, name, top string) string {
	if reason := e.missing[top]; reason != "" {
		return reason
	}
	if advice := ModuleAdvice(name); advice != "" {
		return advice
	}
	if top != name && e.library.HasModule(top) {
		return e.submoduleAdvice(name)
	}
	const general = "it is not part of tabcell; an administrator can add pure-Python wheels with TABCELL_PACKAGES"
	if near := nearest(top, append(c.watched, e.topLevel()...)); near != "" {
		return fmt.Sprintf("did you mean '%s'? If not, %s", near, general)
	}
	return general
}

// submoduleAdvice returns the advice about a missing module of a package that exists.
func (e *Engine) submoduleAdvice(name string) string {
	parent, missing := name, ""
	for !e.library.HasModule(parent) { // the top-level package exists
		i := strings.LastIndexByte(parent, '.')
		parent, missing = parent[:i], parent[i+1:]
	}
	advice := fmt.Sprintf("%s exists, but has no module '%s'", parent, missing)
	if near := nearest(missing, e.library.Modules(parent)); near != "" {
		advice += fmt.Sprintf("; did you mean '%s.%s'?", parent, near)
	}
	return advice
}

// ModuleAdvice returns the reason why a module is missing in cells, and the alternative, or "" if
// nothing is known about it. The name may be that of a submodule.
func ModuleAdvice(name string) string {
	for {
		if advice := knownModules[name]; advice != "" {
			return advice
		}
		i := strings.LastIndexByte(name, '.')
		if i < 0 {
			return ""
		}
		name = name[:i]
	}
}
