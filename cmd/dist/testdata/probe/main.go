// Command probe compiles a small module with the engine that it is built with, into wazero's cache in
// the folder that its argument names. It prints the digest of the engine's patches, or "stock", and
// the name of the cached file.
package main

import (
	"context"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"

	"github.com/tetratelabs/wazero"
)

// module is (module (func (export "f"))).
var module = []byte{
	0, 'a', 's', 'm', 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 'f', 0, 0, 10, 4, 1, 2, 0, 0x0b,
}

func main() {
	ctx, dir := context.Background(), os.Args[1]
	cache, err := wazero.NewCompilationCacheWithDir(dir)
	if err != nil {
		log.Fatal(err)
	}
	config := wazero.NewRuntimeConfigCompiler().WithCompilationCache(cache)
	if _, err := wazero.NewRuntimeWithConfig(ctx, config).CompileModule(ctx, module); err != nil {
		log.Fatal(err)
	}
	engine := "stock"
	if patched, ok := config.(interface{ PatchDigest() string }); ok {
		engine = patched.PatchDigest()
	}
	fmt.Println(engine)
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			fmt.Println(d.Name())
		}
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
}
