package runtime

import (
	"bytes"
	"os"
	"strconv"
	"sync"
)

// mappingLimit returns vm.max_map_count, or Linux's default if it cannot be read. It is read once,
// because the process may later give up the right to open files.
var mappingLimit = sync.OnceValue(func() int {
	const usual = 65530
	text, err := os.ReadFile("/proc/sys/vm/max_map_count")
	if err != nil {
		return usual
	}
	if limit, err := strconv.Atoi(string(bytes.TrimSpace(text))); err == nil && limit > 0 {
		return limit
	}
	return usual
})
