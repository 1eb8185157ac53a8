package registry

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// TestHammer changes and reads a few endpoints in many goroutines. Readers must see consistent
// states: the code of every version begins with the name of its endpoint.
func TestHammer(t *testing.T) {
	r := open(t, t.TempDir(), Options{KeepVersions: 2})
	names := []string{"a", "b", "c"}
	start := make(chan struct{})
	var writers, readers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			<-start
			for i := range 15 {
				if err := changeOnce(r, names[(w+i)%len(names)], w, i); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	for range 4 {
		readers.Go(func() {
			<-start
			for reads := 0; ; reads++ {
				select {
				case <-done:
					return
				default:
				}
				readOnce(t, r, names[reads%len(names)])
			}
		})
	}
	close(start)
	writers.Wait()
	close(done)
	readers.Wait()
	checkContents(t, r)
}

// changeOnce makes the i-th change of writer w. Errors that another writer may cause are ignored.
func changeOnce(r *Registry, name string, w, i int) error {
	var err error
	switch i % 5 {
	case 0, 1:
		d := source(name, fmt.Sprintf("%s by %d: %d", name, w, i))
		d.Replace = true
		_, err = r.Deploy(d)
	case 2:
		_, err = r.Rollback(name, 0, "")
	case 3:
		if err = r.Remove(name); err == nil {
			_, err = r.Deploy(source(name, name+" redeployed"))
		}
	case 4:
		var file []byte
		if file, err = archiveOf(r, name); err == nil {
			_, err = restored(r, file, true)
		}
		if errors.Is(err, ErrDamaged) { // the code was removed while it was opened
			return nil
		}
	}
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrInvalid) || errors.Is(err, ErrExists) {
		return nil
	}
	return err
}

func readOnce(t *testing.T, r *Registry, name string) {
	e, ok := r.Get(name)
	if !ok {
		return
	}
	if e.Check() != nil || e.Name != name {
		t.Errorf("Get returned %+v", e)
	}
	content, err := r.Content(e.Current())
	if errors.Is(err, ErrDamaged) {
		// A writer may have removed the version after Get. If it is still current, its code may
		// have been removed and deployed again, so only a second failure is an error.
		if current, ok := r.Get(name); ok && sameVersion(current, e) && current.Created == e.Created {
			if _, err := r.Content(current.Current()); err != nil {
				if latest, _ := r.Get(name); sameVersion(latest, current) {
					t.Errorf("%s: version %d has no code: %v", name, current.Version, err)
				}
			}
		}
		return
	}
	if err != nil || !strings.HasPrefix(string(content), name) {
		t.Errorf("%s: content %q, error %v", name, content, err)
	}
}

func sameVersion(a, b Endpoint) bool {
	return a.Version == b.Version && a.Current().Sum == b.Current().Sum
}
