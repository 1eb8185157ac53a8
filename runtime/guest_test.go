package runtime

import (
	"strings"
	"testing"
)

func TestUnusableGuests(t *testing.T) {
	for _, c := range []struct {
		name, want string
		wasm       []byte
	}{
		{"nothing", "cannot be read", nil},
		{"text", "cannot be read", []byte("hello, world, not WebAssembly")},
		{"truncated", "cannot be read", testGuest[:len(testGuest)/2]},
		{"another module", "does not export the function tabcell_init", onePage},
		{"another import", "imports other.", []byte(strings.ReplaceAll(string(testGuest), "\x07tabcell\x04tick", "\x05other\x06ticker"))},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := New(t.Context(), Config{Guest: bareGuest("", c.wasm)})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("New returned %v, want %q", err, c.want)
			}
		})
	}
	if _, err := New(t.Context(), Config{Guest: bareGuest("", testGuest), Limits: Limits{Memory: 65536}}); err == nil || !strings.Contains(err.Error(), "too small") {
		t.Errorf("with a memory limit below the size of the image, New returned %v", err)
	}
}
