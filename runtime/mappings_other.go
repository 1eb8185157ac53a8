//go:build !linux

package runtime

func mappingLimit() int { return 0 }
