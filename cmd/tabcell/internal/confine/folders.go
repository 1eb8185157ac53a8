package confine

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ReadFiles returns the paths to read so that files can be opened again after they were replaced:
// the folder of each file, and that of its target if it is a symbolic link. If a folder also holds
// files of others, only the present file is included, and its path is among the fixed ones: if
// another file replaces it, the process cannot read that one.
func ReadFiles(files []string) (paths, fixed []string) {
	for _, file := range files {
		for _, at := range []string{file, targetOf(file)} {
			if folder := filepath.Dir(at); !isShared(folder) {
				paths = append(paths, folder)
			} else if paths = append(paths, at); at == file {
				fixed = append(fixed, file)
			}
		}
	}
	return unique(paths), unique(fixed)
}

// LogFolders returns the folders of log files. Those that also hold files of others are among
// shared as well.
func LogFolders(files []string) (folders, shared []string) {
	for _, file := range files {
		info, err := os.Stat(file)
		if err == nil && !info.Mode().IsRegular() { // a device or a pipe stays open
			continue
		}
		folder := filepath.Dir(targetOf(file))
		if folders = append(folders, folder); isShared(folder) {
			shared = append(shared, folder)
		}
	}
	return unique(folders), unique(shared)
}

// targetOf returns the path without symbolic links, or the path itself if it does not exist.
func targetOf(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	return path
}

// isShared reports whether a folder is one in which programs and users without a connection keep
// their files.
func isShared(folder string) bool {
	if strings.Count(filepath.Clean(folder), string(filepath.Separator)) <= 1 { // such as /etc
		return true
	}
	if home, err := os.UserHomeDir(); err == nil && filepath.Clean(home) == filepath.Clean(folder) {
		return true
	}
	info, err := os.Stat(folder)
	return err == nil && info.Mode()&fs.ModeSticky != 0
}

func unique(paths []string) []string {
	slices.Sort(paths)
	return slices.Compact(paths)
}
