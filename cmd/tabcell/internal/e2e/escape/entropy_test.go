package escape

import (
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/e2e/harness"
)

// TestFreshEntropy draws random values in two cells made from one image. No value may repeat.
func TestFreshEntropy(t *testing.T) {
	s := harness.StartPatient(t)
	const draw = `
import random, secrets, tempfile, uuid
import numpy as np
return [random.random(), secrets.token_hex(8), str(uuid.uuid4()), np.random.rand(), np.random.default_rng().random(), random.SystemRandom().random(),
        next(tempfile._get_candidate_names())]`
	_, first := s.Evaluate(draw)
	_, second := s.Evaluate(draw)
	a, b := strings.Split(first, ", "), strings.Split(second, ", ")
	if len(a) != 7 || len(b) != 7 {
		t.Fatalf("got %s and %s, want 7 values each", first, second)
	}
	for i := range a {
		if a[i] == b[i] {
			t.Errorf("value %d is %s in two cells", i, a[i])
		}
	}
}
