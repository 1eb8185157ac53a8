package runtime

import (
	"fmt"
	"strings"
	"testing"

	"tabcell/runtime/internal/engineid"
)

// TestMaxMemory checks that New refuses larger limits than the engine supports: 2 GiB or more with
// the stock engine.
func TestMaxMemory(t *testing.T) {
	limit := MaxMemory()
	if stock := engineid.Patches() == ""; stock != (limit < 2<<30) || limit >= 4<<30 {
		t.Errorf("MaxMemory() = %d; the engine is %s", limit, EngineName())
	}
	cfg := Config{Guest: bareGuest("", testGuest), Limits: Limits{Memory: limit}}
	e, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatalf("New refused the largest limit: %v", err)
	}
	e.Close()
	cfg.Limits.Memory++
	_, err = New(t.Context(), cfg)
	for _, want := range []string{fmt.Sprint(limit), EngineName(), "TABCELL_MEMORY_LIMIT_MB"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("with a larger limit, New returned %v, want an error with %q", err, want)
		}
	}
}
