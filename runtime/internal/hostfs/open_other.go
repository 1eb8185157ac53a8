//go:build !unix

package hostfs

const openFlags = 0
