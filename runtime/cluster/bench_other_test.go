//go:build !unix

package cluster

import (
	"testing"
	"time"
)

// processorTime is not measured on this system.
func processorTime(b *testing.B) time.Duration {
	b.Skip("the processor time is measured on Unix only")
	return 0
}
