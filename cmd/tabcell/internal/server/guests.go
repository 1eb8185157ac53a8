package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	goruntime "runtime"
	"runtime/debug"
	"slices"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/buildinfo"
	"tabcell/cmd/tabcell/internal/confine"
	"tabcell/cmd/tabcell/internal/hostmem"
	"tabcell/cmd/tabcell/internal/packages"
	"tabcell/runtime"
	"tabcell/runtime/wheel"
	"tabcell/settings"

	"github.com/rs/zerolog"
)

// Guests has the guests that the program contains, by name.
var Guests = map[string]func() (assets.Guest, error){"core": assets.Core, "full": assets.Full}

// StartGuests starts the configured guest. With the setting "auto", it starts the core guest, and
// returns a runtime.Router that starts the full guest when it is needed or loaded. If the process
// will be confined and the full guest is compiled, its code is mapped already.
func StartGuests(ctx context.Context, s settings.Settings, progress func(runtime.Progress)) (runtime.Evaluator, error) {
	if s.Cells.Guest != "auto" {
		engine, err := StartGuest(ctx, s, s.Cells.Guest, nil, progress)
		if err != nil {
			return nil, err // an interface with a nil *Engine would not be nil
		}
		return engine, nil
	}
	preparing := make(chan *runtime.Prepared, 1)
	go func() { preparing <- prepareFull(ctx, s, progress) }() // at the same time as the core guest
	core, err := StartGuest(ctx, s, "core", nil, progress)
	prepared := <-preparing
	switch {
	case err != nil && prepared != nil:
		return nil, errors.Join(err, prepared.Close())
	case err != nil:
		return nil, err
	case Guests["full"] == nil:
		return core, nil
	case prepared != nil:
		return runtime.NewPreparedRouter(ctx, core, assets.FullOnly(), prepared), nil
	}
	var router *runtime.Router
	report := func(p runtime.Progress) {
		router.Report(p)
		progress(p)
	}
	router = runtime.NewRouter(core, assets.FullOnly(), func() (*runtime.Engine, error) {
		return StartGuest(ctx, s, "full", core, report)
	})
	return router, nil
}

// minCopyMemory is the memory in bytes below which the code of the full guest, 235 MB, is not
// copied before a script needs it. The wall is then completed later.
const minCopyMemory = 4 << 30

// prepareFull maps the code of the full guest for a process that will be confined. It returns nil
// if the process will not be, if the guest is not compiled, or if its code would have to be copied
// and the machine has little memory.
func prepareFull(ctx context.Context, s settings.Settings, progress func(runtime.Progress)) *runtime.Prepared {
	if s.Process.Confine == confine.Off || Guests["full"] == nil {
		return nil
	}
	quiet := zerolog.Nop().WithContext(ctx) // the start of the core guest has logged the notes
	cfg, err := guestConfig(quiet, s, "full", progress)
	if err != nil || !runtime.IsPrepared(cfg) {
		return nil
	}
	memory := hostmem.Available()
	scarce := memory.Bytes > 0 && memory.Bytes < minCopyMemory
	if scarce && s.Process.Confine != confine.Require && !runtime.CanMapCode(cfg) {
		zerolog.Ctx(ctx).Info().Int("memory_mb", memory.MB()).
			Msg("memory is scarce: the code of the Python guest \"full\" is copied when a script needs it, and until then the process may create code")
		return nil
	}
	prepared, err := runtime.Prepare(ctx, cfg)
	if err != nil {
		zerolog.Ctx(ctx).Warn().Err(err).Msg("the code of the Python guest \"full\" cannot be loaded yet")
		return nil
	}
	return prepared
}

// StartGuest starts the engine of a guest. This takes seconds, unless the compiled code is in the
// cache. If shared is not nil, the new engine shares its queue.
func StartGuest(ctx context.Context, s settings.Settings, name string, shared *runtime.Engine, progress func(runtime.Progress)) (*runtime.Engine, error) {
	go buildinfo.Program() // computes the digest while the guest is read
	notes := ctx
	if shared != nil {
		notes = zerolog.Nop().WithContext(ctx) // the start of the other guest has logged them
	}
	if err := checkAddressSpace(name); err != nil {
		return nil, err
	}
	cfg, err := guestConfig(notes, s, name, progress)
	if err != nil {
		return nil, err
	}
	if cfg.ShareQueueWith = shared; shared != nil {
		cfg.CompileWorkers = max(1, goruntime.NumCPU()/2) // leaves processors for the scripts that run meanwhile
	}
	// Compiling and unpacking leave more garbage than the server ever produces afterwards.
	defer func() { go debug.FreeOSMemory() }()
	return runtime.New(ctx, cfg)
}

// guestConfig returns the configuration of a guest's engine. Notes about the added packages are
// logged.
func guestConfig(ctx context.Context, s settings.Settings, name string, progress func(runtime.Progress)) (cfg runtime.Config, err error) {
	load := Guests[name]
	if load == nil {
		return cfg, fmt.Errorf("this program does not contain the guest %q", name)
	}
	guest, err := load()
	if err != nil {
		return cfg, err
	}
	added, err := packages.OpenConfigured(s.Cells.Packages)
	if err == nil && added != nil {
		logPackages(ctx, added)
		err = addPackages(&guest, added)
	}
	if err != nil {
		return cfg, err
	}
	cfg = EngineConfig(s, runtime.Guest(guest), progress)
	cfg.MissingModules = missingModules(s, added)
	cfg.Program = buildinfo.Program
	if cfg.BundleDir = buildinfo.CodeDir(s.Cells, buildinfo.ProgramPath()); cfg.BundleDir == cfg.CacheDir {
		cfg.BundleDir = "" // the bundle is just being created
	}
	if !runtime.IsPrepared(cfg) { // otherwise the zone was checked before, and the library need not be loaded
		err = checkTimeZone(guest, s.Cells.TimeZone)
	}
	return cfg, err
}

// missingModules returns the reasons why modules are missing: a wheel is not used, or the setting
// selects only the guest "core". added may be nil.
func missingModules(s settings.Settings, added *wheel.Folder) map[string]string {
	reasons := map[string]string{}
	if s.Cells.Guest == "core" {
		for _, module := range assets.FullOnly() {
			reasons[module] = `it belongs to the guest "full"; set TABCELL_GUEST to auto or full`
		}
	}
	if added != nil {
		maps.Copy(reasons, added.Missing())
	}
	return reasons
}

// addPackages adds wheels to a guest, so that scripts can import their modules like those of the
// guest.
func addPackages(guest *assets.Guest, added *wheel.Folder) error {
	for _, name := range added.Replaced() {
		guest.RemoveExtra(name)
	}
	// Without a digest, no image is stored. From a stored image, the random generators of the added
	// modules would start with the same state at every start of the server.
	guest.LibraryDigest = ""
	guest.Preload = slices.Clone(guest.Preload)
	for _, module := range added.Preload(guest.Name) {
		guest.Preload = append(guest.Preload, "?"+module)
	}
	return AddResources(guest, func(all map[string][]byte) error { wheel.Add(all, added.Used()); return nil })
}

// logPackages logs what the server does not use of the folder of TABCELL_PACKAGES, or uses in an
// unexpected way. The server starts without a refused wheel: one bad file must not stop the scripts
// that do not need it.
func logPackages(ctx context.Context, added *wheel.Folder) {
	log := zerolog.Ctx(ctx)
	for i := range added.Files {
		file := &added.Files[i]
		switch file.State {
		case wheel.Refused:
			log.Error().Str("advice", file.Advice).Msgf("TABCELL_PACKAGES: %s is not used: %s", file.File, file.Reason)
		case wheel.Unused:
			log.Info().Msgf("TABCELL_PACKAGES: %s is not used: %s", file.File, file.Reason)
		}
		for _, note := range file.Notes {
			log.Info().Msgf("TABCELL_PACKAGES: %s: %s", file.File, note)
		}
		for _, need := range file.Needs {
			if need.Problem != "" {
				log.Warn().Str("advice", need.Advice).Msgf("TABCELL_PACKAGES: %s: %s", file.File, need)
			}
		}
	}
}

// AddResources gives the guest its own copy of the library, to which add adds files.
func AddResources(guest *assets.Guest, add func(map[string][]byte) error) error {
	shared, err := guest.Resources()
	if err != nil {
		return err
	}
	own := maps.Clone(shared)
	guest.Resources = func() (map[string][]byte, error) { return own, nil }
	return add(own)
}

// preloadFull starts the full guest while the core guest serves requests, unless it is compiled
// already. In that case it starts in less than half a second, and because it uses a quarter of a
// gigabyte of memory, it starts only when a script needs it.
func preloadFull(ctx context.Context, s settings.Settings, e runtime.Evaluator) {
	router, ok := e.(*runtime.Router)
	if !ok {
		return
	}
	const starts = "the Python guest \"full\" is compiled already; it starts when a script needs it"
	if router.Prepared() {
		zerolog.Ctx(ctx).Info().Msg(starts)
		return
	}
	quiet := zerolog.Nop().WithContext(ctx) // the start logs the same notes
	if cfg, err := guestConfig(quiet, s, "full", nil); err == nil && runtime.IsPrepared(cfg) {
		zerolog.Ctx(ctx).Info().Msg(starts)
		return
	}
	router.Load()
}
