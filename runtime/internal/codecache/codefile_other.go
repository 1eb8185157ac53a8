//go:build !linux

package codecache

import (
	"errors"
	"os"
)

// Watch does nothing, because code is copied on this system.
func Watch(func()) (stop func()) { return func() {} }

func protect(*os.File) error { return errors.ErrUnsupported }

const mapsFiles = false

func mapFile(*os.File, int64, int, bool) ([]byte, error) { return nil, errors.ErrUnsupported }

func unmap([]byte) error { return errors.ErrUnsupported }
