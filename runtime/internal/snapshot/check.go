package snapshot

import (
	"fmt"
	"slices"

	"tabcell/runtime/internal/guest"
	"tabcell/runtime/internal/wasmbin"
)

// check checks the guest's imports and exports before it is compiled. Its errors name the import
// that is not allowed or the export that is missing.
func check(wasm []byte) error {
	info, err := wasmbin.Inspect(wasm)
	if err != nil {
		return fmt.Errorf("snapshot: the guest cannot be read: %w", err)
	}
	for _, i := range info.Imports {
		if i.Module != guest.HostModule && i.Module != guest.WASIModule {
			return fmt.Errorf("snapshot: the guest imports %s.%s, which is not a host function", i.Module, i.Name)
		}
	}
	for _, name := range []string{guest.Init, guest.Evaluate, guest.Interrupt} {
		if !exports(info, name) {
			return wrongExport(name)
		}
	}
	for _, name := range []string{guest.Load, guest.Compile} { // optional
		if exportsName(info, name) && !exports(info, name) {
			return wrongExport(name)
		}
	}
	return nil
}

func wrongExport(name string) error {
	return fmt.Errorf("snapshot: the guest does not export the function %s() -> i32", name)
}

func exports(info *wasmbin.Info, name string) bool {
	return slices.Contains(info.Exports, wasmbin.Export{Name: name, Kind: wasmbin.KindFunc, Signature: "() -> (i32)"})
}

func exportsName(info *wasmbin.Info, name string) bool {
	return slices.ContainsFunc(info.Exports, func(e wasmbin.Export) bool { return e.Name == name })
}
