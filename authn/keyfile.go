package authn

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
)

// checkInterval is the minimum time between two checks of a key set file for changes.
const checkInterval = time.Second

// fileKeys is a key set in a file. The file may be replaced at any time: requests check whether it
// has changed. A file that cannot be used changes nothing. Of concurrent requests only one checks,
// so that a file system that hangs blocks only that one.
type fileKeys struct {
	path string
	log  *zerolog.Logger
	now  func() time.Time
	set  atomic.Pointer[keySet]

	mu        sync.Mutex
	checked   time.Time // guarded by mu
	loaded    fileStat  // the file whose keys are in effect (an invalid file is read at every check); guarded by mu
	lastError string    // as last logged; guarded by mu
}

// openKeyFile reads a key set file. Unlike later, a file that cannot be used is an error.
func openKeyFile(path string, log *zerolog.Logger) (*fileKeys, error) {
	f := &fileKeys{path: path, log: log, now: time.Now}
	f.checked = f.now()
	if err := f.loadIfChanged(); err != nil {
		return nil, fmt.Errorf("TABCELL_OAUTH_JWKS_FILE cannot be used: %w", err)
	}
	return f, nil
}

func (f *fileKeys) close() {}

func (f *fileKeys) prepare() (apply func(), err error) {
	stat := statFile(f.path)
	if stat.info == nil {
		return nil, errors.New(stat.err)
	}
	set, skipped, err := readKeyFile(f.path, stat.info)
	if err != nil {
		return nil, fmt.Errorf("key set file %s cannot be used: %w", f.path, err)
	}
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.use(stat, set, skipped)
	}, nil
}

func (f *fileKeys) find(_ context.Context, kid string) (*verifyKey, error) {
	f.refresh()
	if key := (*f.set.Load())[kid]; key != nil {
		return key, nil
	}
	return nil, noSuchKey(kid)
}

// refresh reads the file again if it has changed.
func (f *fileKeys) refresh() {
	if !f.mu.TryLock() {
		return
	}
	defer f.mu.Unlock()
	if f.now().Sub(f.checked) < checkInterval {
		return
	}
	f.checked = f.now()
	if err := f.loadIfChanged(); err != nil && err.Error() != f.lastError {
		f.lastError = err.Error()
		f.log.Error().Err(err).Msg("the key set file cannot be used; the keys read earlier stay in effect")
	}
}

// loadIfChanged puts the file's keys in effect if the file has changed. f.mu must be held, except
// during construction.
func (f *fileKeys) loadIfChanged() error {
	stat := statFile(f.path)
	if stat.info == nil {
		return errors.New(stat.err)
	}
	if stat.equal(f.loaded) {
		return nil
	}
	set, skipped, err := readKeyFile(f.path, stat.info)
	if err != nil {
		return fmt.Errorf("%s: %w", f.path, err)
	}
	f.use(stat, set, skipped)
	return nil
}

// use puts keys in effect. f.mu must be held, except during construction.
func (f *fileKeys) use(stat fileStat, set keySet, skipped []string) {
	f.loaded, f.lastError = stat, ""
	f.set.Store(&set)
	f.log.Info().Str("file", f.path).Int("keys", len(set)).Strs("skipped", skipped).Msg("the key set was read")
}

func readKeyFile(path string, info os.FileInfo) (keySet, []string, error) {
	if !info.Mode().IsRegular() { // reading a pipe could block
		return nil, nil, errNotRegular
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	data, err := readKeySet(file)
	if err != nil {
		return nil, nil, err
	}
	return parseKeySet(data)
}
