package runtime

import (
	"math"

	"tabcell/runtime/internal/linmem"
)

// MappingLimit returns the number of memory mappings that the system allows a process
// (vm.max_map_count on Linux). A process that needs more gets no memory at all, so that loaded
// models use at most half of them. It is a large number on systems without a limit.
func MappingLimit() int {
	if limit := mappingLimit(); limit > 0 {
		return limit
	}
	return math.MaxInt
}

// withRoom calls f. If that fails for lack of mappings, address space or files, withRoom frees
// slots and models that are not in use, and tries again, until f succeeds or nothing is left to
// free.
func (e *Engine) withRoom(f func() error) error {
	for {
		err := f()
		if !linmem.IsExhausted(err) || !e.models.shrink() {
			return err
		}
	}
}
