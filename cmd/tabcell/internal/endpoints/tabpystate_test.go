package endpoints

import (
	"testing"
)

func TestRepairEncoding(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "plain": "plain", "Größe": "Größe", "Gr\u00c3\u00b6\u00c3\u009fe": "Größe", "\u00c3\u0083\u00c2\u00b6": "ö", "日本": "日本",
		"\u00e6\u0097\u00a5": "日", "naïve \u00c3\u00b6": "naïve \u00c3\u00b6",
	} {
		if got := repairEncoding(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
