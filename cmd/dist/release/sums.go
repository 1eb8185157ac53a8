package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// sumsName is the file with the digests of all files, in the format of sha256sum.
const sumsName = "SHA256SUMS"

// writeSums writes the digests of all files in a folder and returns the path of the list.
func writeSums(folder string) (string, error) {
	entries, err := os.ReadDir(folder) // sorted by name
	if err != nil {
		return "", err
	}
	var list bytes.Buffer
	for _, e := range entries {
		digest, err := digestOf(filepath.Join(folder, e.Name()))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&list, "%s  %s\n", digest, e.Name())
	}
	file := filepath.Join(folder, sumsName)
	return file, os.WriteFile(file, list.Bytes(), 0o644)
}

func digestOf(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	hash := sha256.New()
	_, err = io.Copy(hash, f)
	return fmt.Sprintf("%x", hash.Sum(nil)), err
}

// differences returns the names of the files whose lines differ in two lists of digests.
func differences(first, second []byte) (names []string) {
	lines := func(text []byte) []string { return strings.Split(strings.TrimSpace(string(text)), "\n") }
	a, b := lines(first), lines(second)
	for _, pair := range [][2][]string{{a, b}, {b, a}} {
		for _, line := range pair[0] {
			if _, name, _ := strings.Cut(line, "  "); !slices.Contains(pair[1], line) && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// sign signs the list of digests and each file in it, if a key is given.
func (b *builder) sign() error {
	if b.key == "" {
		return nil
	}
	entries, err := os.ReadDir(b.files)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := b.signer.Sign(filepath.Join(b.files, e.Name()), "tabcell "+b.src.Version); err != nil {
			return err
		}
	}
	return b.progress.done(fmt.Sprintf("signatures of %d files; the public key is %s", len(entries), b.signer.Public()))
}
