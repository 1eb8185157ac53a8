//go:build unix

package server

import (
	"strings"
	"testing"
)

func TestAddressSpace(t *testing.T) {
	for guest := range Guests {
		if err := compareAddressSpace(guest, 1<<63); err != nil {
			t.Errorf("%s, without a limit: %v", guest, err)
		}
		if err := compareAddressSpace(guest, 2<<30); err == nil || !strings.Contains(err.Error(), "limited to 2048 MiB (ulimit -v)") {
			t.Errorf("%s, with 2 GiB: %v", guest, err)
		}
	}
}
