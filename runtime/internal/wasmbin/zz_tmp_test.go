package wasmbin

import (
	"context"
	"fmt"
	"os"
	goruntime "runtime"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

func TestTmpPandas(t *testing.T) {
	bin, err := os.ReadFile("/tmp/gw/out/pandas.wasm")
	if err != nil {
		t.Skip()
	}
	for _, o := range []Options{
		{MaxPages: 16384, Entries: []string{"tc_run", "tc_alloc"}},
		{MaxPages: 16384, Entries: []string{"tc_run", "tc_alloc"}, Fuel: 10000, TickModule: "wasi_snapshot_preview1", TickName: "sched_yield"},
		{MaxPages: 16384, Entries: []string{"tc_run", "tc_alloc"}, Fuel: 10000, TickModule: "tabcell", TickName: "tick"},
	} {
		var a, b goruntime.MemStats
		goruntime.ReadMemStats(&a)
		t0 := time.Now()
		p, err := Prepare(bin, o)
		d := time.Since(t0)
		goruntime.ReadMemStats(&b)
		fmt.Println(d, err, (b.TotalAlloc-a.TotalAlloc)>>20, "MB", b.Mallocs-a.Mallocs)
		if p != nil {
			fmt.Printf("%+v %d -> %d\n%v %v %d data\n", p.Stats, len(bin), len(p.Code), p.Params, p.Globals, len(p.Data))
			if os.Getenv("COMPILE") != "" {
				ctx := context.Background()
				r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigCompiler().WithCoreFeatures(api.CoreFeaturesV2|experimental.CoreFeaturesTailCall))
				t0 := time.Now()
				_, err := r.CompileModule(ctx, p.Code)
				fmt.Println("compile", time.Since(t0), err)
				os.WriteFile("/tmp/prepared.wasm", p.Code, 0o644)
				r.Close(ctx)
			}
		}
	}
	t0 := time.Now()
	i, err := Inspect(bin)
	fmt.Println(time.Since(t0), err)
	fmt.Println(i.Imports[:3], i.Exports, i.MinPages, i.MaxPages)
}
