//go:build !linux

package memguard

func addressSpaceLimited() bool { return true }
