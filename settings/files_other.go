//go:build !unix

package settings

// maxOpenFiles returns 0, because this system has no limit that a process can read.
func maxOpenFiles() int { return 0 }
