package main

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"tabcell/cmd/dist/internal/archive"
	"tabcell/cmd/dist/internal/source"
)

// writeChart packs the Helm chart as "helm package" does, with the version of the source as the
// version of the chart and of the program.
func writeChart(file string, chart fs.FS, src source.Source) error {
	files := archive.Files{}
	err := fs.WalkDir(chart, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		text, err := fs.ReadFile(chart, name)
		if name == "Chart.yaml" && err == nil {
			text, err = setVersions(text, src.Version)
		}
		files[path.Join("tabcell", name)] = archive.File{Text: text}
		return err
	})
	if err != nil {
		return err
	}
	return archive.Write(file, files, src.Time)
}

// setVersions replaces the values of version and appVersion in Chart.yaml.
func setVersions(text []byte, version string) ([]byte, error) {
	for _, key := range []string{"version", "appVersion"} {
		line := regexp.MustCompile(`(?m)^` + key + `:.*$`)
		if n := len(line.FindAll(text, -1)); n != 1 {
			return nil, fmt.Errorf("the file Chart.yaml has %d lines with the key %s; it must have one", n, key)
		}
		text = line.ReplaceAll(text, fmt.Appendf(nil, "%s: %q", key, version))
	}
	return text, nil
}
