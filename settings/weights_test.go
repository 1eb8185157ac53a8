package settings

import (
	"maps"
	"strings"
	"testing"
)

func TestParseWeights(t *testing.T) {
	got, err := ParseWeights(" tableau = 4, 10.0.0.5=2, 2001:db8::/64=1,a=b=3,")
	if want := map[string]int{"tableau": 4, "10.0.0.5": 2, "2001:db8::/64": 1, "a=b": 3}; err != nil || !maps.Equal(got, want) {
		t.Errorf("got %v, error %v", got, err)
	}
	if got, err := ParseWeights(""); err != nil || len(got) != 0 {
		t.Errorf("an empty list: %v, error %v", got, err)
	}
	for list, want := range map[string]string{
		"a": "no weight", "=3": "no weight", "a=": "from 1 to 100", "a=0": "from 1 to 100", "a=101": "from 1 to 100", "a=1.5": "from 1 to 100", "a=1,a=2": "two weights",
	} {
		if _, err := ParseWeights(list); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", list, err, want)
		}
	}
}
