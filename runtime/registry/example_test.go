package registry_test

import (
	"fmt"
	"os"
	"path/filepath"

	"tabcell/runtime/registry"
)

func Example() {
	folder, err := os.MkdirTemp("", "registry")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)

	r, err := registry.Open(filepath.Join(folder, "models"), registry.Options{KeepVersions: 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()

	for _, text := range []string{"def add(x, y): return x + y", "def add(x, y): return y + x"} {
		_, err := r.Deploy(registry.Deployment{
			Name:     "add",
			Metadata: registry.Metadata{Description: "adds two numbers"},
			Code:     registry.Code{Kind: registry.Source, Function: "add", Content: []byte(text)},
			Replace:  true,
		})
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	for _, e := range r.List() {
		fmt.Printf("%s: version %d, %s\n", e.Name, e.Version, e.Description)
	}
	// Output:
	// add: version 2, adds two numbers
}

func ExampleRegistry_Rollback() {
	folder, err := os.MkdirTemp("", "registry")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)

	r, err := registry.Open(folder, registry.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()

	deploy := func(text string) error {
		code := registry.Code{Kind: registry.Source, Function: "f", Content: []byte(text)}
		_, err := r.Deploy(registry.Deployment{Name: "f", Code: code, Replace: true})
		return err
	}
	for _, text := range []string{"def f(): return 'good'", "def f(): return 'bad'"} {
		if err := deploy(text); err != nil {
			fmt.Println(err)
			return
		}
	}
	e, err := r.Rollback("f", 0, "ann") // 0 is the version before the current one
	if err != nil {
		fmt.Println(err)
		return
	}
	content, err := r.Content(e.Current())
	fmt.Printf("version %d is a copy of version %d: %s, error %v\n", e.Version, e.Current().CopyOf, content, err)
	// Output:
	// version 3 is a copy of version 1: def f(): return 'good', error <nil>
}
