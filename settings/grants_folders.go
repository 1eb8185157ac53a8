package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	slashpath "path"
	"path/filepath"
	"strings"
)

// cellFolders are the folders of a cell's own file system, which a granted folder must not cover.
var cellFolders = []string{"/lib", "/tmp", "/dev", "/proc", "/sys"}

// kernelFolders are folders whose files are views of the kernel and of processes.
var kernelFolders = []string{"/proc", "/sys", "/dev"}

func readFolders(s *grantSection, g *Grant) {
	for _, item := range s.items("read") {
		folder, err := parseFolder(item, !s.loader.src.Confined)
		if err != nil {
			s.reject("read", item, err.Error())
			continue
		}
		g.Folders = append(g.Folders, folder)
	}
}

// parseFolder parses FOLDER or FOLDER=PATH. If open is set, the folder must be readable.
func parseFolder(item string, open bool) (f GrantFolder, err error) {
	host, guest, mapped := item, "", false
	if at := strings.LastIndexByte(item, '='); at >= 0 {
		host, guest, mapped = strings.TrimSpace(item[:at]), strings.TrimSpace(item[at+1:]), true
	}
	host = expandHome(host)
	if !filepath.IsAbs(host) {
		return f, errors.New("must be an absolute path")
	}
	if !mapped {
		guest = host
	}
	if f.Host, err = hostFolder(host); err != nil {
		return f, err
	}
	if f.Guest, err = guestPath(guest); err == nil && open {
		err = checkFolder(f.Host)
	}
	return f, err
}

// guestPath returns the path at which scripts see a folder, without final slashes and "..".
func guestPath(text string) (string, error) {
	if IsWindowsPath(text) {
		clean := strings.TrimRight(strings.ReplaceAll(text, "/", `\`), `\`)
		if strings.HasPrefix(clean, `\\`) && strings.Count(clean, `\`) < 3 || strings.Contains(clean+`\`, `\..\`) {
			return "", errors.New(`the path for scripts must be of the form C:\FOLDER or \\SERVER\SHARE`)
		}
		return clean, nil
	}
	if !strings.HasPrefix(text, "/") || strings.Contains(text, `\`) {
		return "", errors.New(`the path for scripts after = must be absolute, such as /models or C:\models`)
	}
	clean := slashpath.Clean(text)
	for _, own := range cellFolders {
		if within(clean, own) || clean == "/" {
			return "", fmt.Errorf("scripts have a folder of their own at %s; map the folder to another path, as in FOLDER=/data", own)
		}
	}
	return clean, nil
}

// hostFolder returns the path of a folder without symbolic links.
func hostFolder(text string) (string, error) {
	folder, err := filepath.EvalSymlinks(text)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", errors.New("the folder does not exist")
	case errors.Is(err, fs.ErrPermission):
		return "", errors.New("this user has no permission to read the folder")
	case err != nil:
		return "", err
	case !isDir(folder):
		return "", errors.New("is not a folder; grant the folder of the file")
	case filepath.Dir(folder) == folder:
		return "", errors.New("the root folder cannot be granted; name the folders that scripts need")
	}
	for _, kernel := range kernelFolders {
		if within(folder, kernel) {
			return "", fmt.Errorf("folders in %s cannot be granted, because they show processes and devices of the host", kernel)
		}
	}
	return folder, nil
}

// checkFolder returns an error if the folder cannot be opened.
func checkFolder(folder string) error {
	f, err := os.Open(folder)
	if errors.Is(err, fs.ErrPermission) {
		return errors.New("this user has no permission to read the folder")
	}
	if err == nil {
		err = f.Close()
	}
	return err
}

// within reports whether a path with slashes is below a folder, or is the folder.
func within(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, strings.TrimSuffix(folder, "/")+"/")
}

// comparablePath returns a path for scripts in a form in which equal paths are equal texts.
func comparablePath(guest string) string {
	if IsWindowsPath(guest) {
		return strings.ToLower(strings.ReplaceAll(guest, `\`, "/"))
	}
	return guest
}
