package snapshot

import (
	"fmt"
	"slices"

	"tabcell/runtime/internal/guest"
	"tabcell/runtime/internal/wasmbin"
)

// check looks at the guest's imports and exports before anything is compiled, and names what is missing or not allowed.
func check(wasm []byte) error {
	info, err := wasmbin.Inspect(wasm)
	if err != nil {
		return fmt.Errorf("snapshot: the guest is not usable: %w", err)
	}
	for _, i := range info.Imports {
		if i.Module != guest.HostModule && i.Module != guest.WASIModule {
			return fmt.Errorf("snapshot: the guest imports %s.%s, which no cell has", i.Module, i.Name)
		}
	}
	for _, name := range []string{guest.Init, guest.Evaluate, guest.Interrupt} {
		if !exports(info, name) {
			return wrongExport(name)
		}
	}
	for _, name := range []string{guest.Load, guest.Compile} { // a guest may do without these
		if exportsAny(info, name) && !exports(info, name) {
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

func exportsAny(info *wasmbin.Info, name string) bool {
	return slices.ContainsFunc(info.Exports, func(e wasmbin.Export) bool { return e.Name == name })
}
