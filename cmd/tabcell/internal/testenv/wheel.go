package testenv

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
)

// WriteWheel writes a wheel with the given files, by name, to the file at path. infoDir is the name
// of its .dist-info folder, in which RECORD is added.
func WriteWheel(path, infoDir string, files map[string]string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	z := zip.NewWriter(f)
	record := ""
	for _, name := range slices.Sorted(maps.Keys(files)) {
		sum := sha256.Sum256([]byte(files[name]))
		record += fmt.Sprintf("%s,sha256=%s,%d\n", name, base64.RawURLEncoding.EncodeToString(sum[:]), len(files[name]))
	}
	all := maps.Clone(files)
	all[infoDir+"/RECORD"] = record + infoDir + "/RECORD,,\n"
	for _, name := range slices.Sorted(maps.Keys(all)) {
		w, err := z.Create(name)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, all[name]); err != nil {
			return err
		}
	}
	return z.Close()
}

// ReadFiles returns the files of a folder and its subfolders, by their paths below it.
func ReadFiles(dir string) (map[string]string, error) {
	files, root := map[string]string{}, os.DirFS(dir)
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(root, path)
		files[path] = string(b)
		return err
	})
	return files, err
}
