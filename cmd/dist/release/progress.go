package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// progress prints the steps of a release with their times, and the files with their sizes.
type progress struct {
	out   io.Writer
	begun time.Time
	last  time.Time // the end of the last step
}

func newProgress(out io.Writer) *progress {
	now := time.Now()
	return &progress{out: out, begun: now, last: now}
}

// done prints the time since the last step. If files is empty, it prints the text, otherwise the
// names and sizes of the files.
func (p *progress) done(text string, files ...string) error {
	took := fmt.Sprintf("%6.1f s", time.Since(p.last).Seconds())
	p.last = time.Now()
	if len(files) == 0 {
		_, err := fmt.Fprintf(p.out, "%s             %s\n", took, text)
		return err
	}
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "%8s %8.2f MB  %s\n", took, float64(info.Size())/1e6, filepath.Base(file))
		took = ""
	}
	return nil
}

// total prints the number of files in a folder, their size, and the time of all steps.
func (p *progress) total(folder string) error {
	entries, err := os.ReadDir(folder)
	var size int64
	for _, e := range entries {
		info, statErr := e.Info()
		if err = statErr; err != nil {
			break
		}
		size += info.Size()
	}
	fmt.Fprintf(p.out, "%6.1f s %8.2f MB  %d files in %s\n", time.Since(p.begun).Seconds(), float64(size)/1e6, len(entries), folder)
	return err
}

// fileName returns a platform as a part of a file name, such as linux-amd64.
func fileName(platform string) string { return strings.ReplaceAll(platform, "/", "-") }
