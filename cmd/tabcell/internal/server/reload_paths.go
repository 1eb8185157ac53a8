package server

import (
	"path/filepath"
	"slices"

	"tabcell/settings"
)

// Paths are the files that a reload opens again after the start. Programs replace such files by
// renaming others over them, so that a process which restricts its own access to files must be able
// to open new files in their folders, and the targets of symbolic links there: Kubernetes changes a
// link to a folder, and the files in that folder are links as well.
type Paths struct {
	Read []string // the configuration, state, password and key set files, certificates and keys
	// Logs are written, rotated within their folders and created again there.
	Logs []string
}

// ReloadPaths returns the files of a configuration that a reload opens. file is the path of the
// configuration file, or "". The paths are absolute, unless the working directory is unknown.
// Folders that the server reads at any time (models, static files, packages, compiled code) are not
// among them.
func ReloadPaths(file string, loaded *settings.Loaded) Paths {
	s := loaded.Settings
	read := []string{file, settings.StateFile(s.State.Path), s.Auth.PasswordFile, s.Auth.RolesFile}
	if s.OAuth.Enabled {
		read = append(read, s.OAuth.KeySetFile)
	}
	if s.TLS.Protocol == "https" {
		read = append(read, s.TLS.Certificate, s.TLS.Key, s.TLS.ClientCA, s.TLS.ClientCertMap)
	}
	for _, g := range loaded.Grants {
		read = append(read, g.CA)
	}
	logs := loaded.LogFiles()
	if s.Audit.IsFile() {
		logs = append(logs, s.Audit.To)
	}
	return Paths{Read: absolute(read), Logs: absolute(logs)}
}

// absolute returns the sorted absolute forms of the paths that are not empty, without duplicates.
func absolute(paths []string) []string {
	var all []string
	for _, path := range paths {
		if path == "" {
			continue
		}
		if full, err := filepath.Abs(path); err == nil {
			path = full
		}
		all = append(all, path)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
