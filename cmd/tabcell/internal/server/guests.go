package server

import (
	"context"
	"fmt"
	"maps"
	goruntime "runtime"
	"runtime/debug"
	"slices"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/buildinfo"
	"tabcell/runtime"
	"tabcell/runtime/wheel"
	"tabcell/settings"

	"github.com/rs/zerolog"
)

// Guests are the guests in this program.
var Guests = map[string]func() (assets.Guest, error){"core": assets.Core, "full": assets.Full}

// FullOnly are the top-level modules that only the full guest has.
var FullOnly = []string{
	"array_api_extra", "click", "defusedxml", "joblib", "narwhals", "nltk", "regex", "scipy", "sklearn", "threadpoolctl", "tqdm", "vaderSentiment",
}

// StartGuests starts what the settings ask for: one guest, or the small one with the large one
// beside it, which starts when it is needed or loaded (runtime.Router).
func StartGuests(ctx context.Context, s settings.Settings, progress func(runtime.Progress)) (runtime.Evaluator, error) {
	if s.Cells.Guest != "auto" {
		return StartGuest(ctx, s, s.Cells.Guest, nil, progress)
	}
	core, err := StartGuest(ctx, s, "core", nil, progress)
	if err != nil || Guests["full"] == nil {
		return core, err
	}
	return runtime.NewRouter(core, FullOnly, func() (*runtime.Engine, error) {
		return StartGuest(ctx, s, "full", core, progress)
	}), nil
}

// StartGuest starts a guest's engine, beside another one or alone; seconds, unless its compiled
// code is in the cache.
func StartGuest(ctx context.Context, s settings.Settings, name string, beside *runtime.Engine, progress func(runtime.Progress)) (*runtime.Engine, error) {
	go buildinfo.Program() // while the cache is read
	cfg, err := guestConfig(s, name, progress)
	if err != nil {
		return nil, err
	}
	if cfg.ShareQueueWith = beside; beside != nil {
		cfg.CompileWorkers = max(1, goruntime.NumCPU()/2) // scripts run meanwhile
	}
	defer func() { go debug.FreeOSMemory() }() // compiling and unpacking leave more garbage than the server will ever make
	return runtime.New(ctx, cfg)
}

func guestConfig(s settings.Settings, name string, progress func(runtime.Progress)) (cfg runtime.Config, err error) {
	load := Guests[name]
	if load == nil {
		return cfg, fmt.Errorf("this program does not carry the guest %q", name)
	}
	guest, err := load()
	if err == nil {
		err = addPackages(&guest, s.Cells.Packages)
	}
	if err != nil {
		return cfg, err
	}
	cfg = EngineConfig(s, runtime.Guest(guest), progress)
	cfg.Program = buildinfo.Program
	if cfg.BundleDir = buildinfo.CodeDir(s.Cells, buildinfo.ProgramPath()); cfg.BundleDir == cfg.CacheDir {
		cfg.BundleDir = "" // it is being made
	}
	return cfg, nil
}

// addPackages lets scripts import the wheels of a folder; they are in the image like the guest's
// own modules.
func addPackages(guest *assets.Guest, dir string) error {
	if dir == "" {
		return nil
	}
	wheels, err := wheel.ReadFolder(dir)
	if err == nil {
		err = AddResources(guest, func(all map[string][]byte) error { return wheel.Add(all, wheels) })
	}
	if err != nil {
		return fmt.Errorf("the packages in %s cannot be added:\n%w", dir, err)
	}
	guest.LibraryDigest = "" // their random generators would start alike at each start, if the image were kept
	guest.Preload = slices.Clone(guest.Preload)
	for _, w := range wheels {
		for _, module := range w.Modules {
			guest.Preload = append(guest.Preload, "?"+module)
		}
	}
	return nil
}

// AddResources gives the guest a library of its own, which add adds to.
func AddResources(guest *assets.Guest, add func(map[string][]byte) error) error {
	shared, err := guest.Resources()
	if err != nil {
		return err
	}
	own := maps.Clone(shared)
	guest.Resources = func() (map[string][]byte, error) { return own, nil }
	return add(own)
}

// loadBehind makes the large guest ready while the small one serves. One that is prepared loads in
// less than half a second, and takes a quarter of a gigabyte: it waits for the first script that
// needs it.
func loadBehind(ctx context.Context, s settings.Settings, e runtime.Evaluator) {
	router, ok := e.(*runtime.Router)
	if !ok {
		return
	}
	if cfg, err := guestConfig(s, "full", nil); err == nil && runtime.IsPrepared(cfg) {
		zerolog.Ctx(ctx).Info().Msg("the Python guest \"full\" is prepared, and loaded when a script needs it")
		return
	}
	router.Load()
}

// StartText says what a step of the start does; "" for steps too short to speak of.
func StartText(p runtime.Progress) string {
	if p.Step != "compile" || p.Done {
		return ""
	}
	return fmt.Sprintf("preparing the Python guest %q: compiled at its first start, loaded from the cache afterwards ...", p.Guest)
}
