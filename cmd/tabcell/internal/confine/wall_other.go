//go:build !linux || !(amd64 || arm64)

package confine

import (
	"fmt"
	goruntime "runtime"
)

// Support returns the parts that this system can provide: none.
func Support() State {
	s := newState()
	for _, part := range Parts {
		s.set(part, fmt.Errorf("not available on %s/%s", goruntime.GOOS, goruntime.GOARCH))
	}
	return s
}

// LandlockABI returns an error: this system has no Landlock.
func LandlockABI() (int, error) {
	return 0, fmt.Errorf("not available on %s/%s", goruntime.GOOS, goruntime.GOARCH)
}

// FilterSupported returns an error: this system has no filters of system calls.
func FilterSupported() error {
	return fmt.Errorf("not available on %s/%s", goruntime.GOOS, goruntime.GOARCH)
}

func build(_ Plan, state State) {
	for part, reason := range Support().Reasons {
		state.Reasons[part] = reason
	}
}

func seal(_ Plan, state State) error {
	err := fmt.Errorf("not available on %s/%s", goruntime.GOOS, goruntime.GOARCH)
	state.set(Code, err)
	return err
}
