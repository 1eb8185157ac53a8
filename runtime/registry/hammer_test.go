package registry

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// TestHammer lets many goroutines change and read a few endpoints. What a reader gets is always whole: the code of a version names the
// endpoint, and numbers never fall while an endpoint lives.
func TestHammer(t *testing.T) {
	r := open(t, t.TempDir(), Options{KeepVersions: 2})
	names := []string{"a", "b", "c"}
	begin := make(chan struct{})
	var writers, readers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			<-begin
			for i := range 12 {
				if err := strike(r, names[(w+i)%len(names)], w, i); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	for range 4 {
		readers.Go(func() {
			<-begin
			for reads := 0; ; reads++ {
				select {
				case <-done:
					return
				default:
				}
				look(t, r, names[reads%len(names)])
			}
		})
	}
	close(begin)
	writers.Wait()
	close(done)
	readers.Wait()
	checkWhole(t, r)
}

func strike(r *Registry, name string, w, i int) error {
	var err error
	switch i % 4 {
	case 0, 1:
		d := source(name, fmt.Sprintf("%s by %d: %d", name, w, i))
		d.Replace = true
		_, err = r.Deploy(d)
	case 2:
		_, err = r.Rollback(name, 0, "")
	case 3:
		if err = r.Remove(name); err == nil {
			_, err = r.Deploy(source(name, name+" again"))
		}
	}
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrInvalid) || errors.Is(err, ErrExists) {
		return nil
	}
	return err
}

func look(t *testing.T, r *Registry, name string) {
	e, ok := r.Get(name)
	if !ok {
		return
	}
	if e.check() != nil || e.Name != name {
		t.Errorf("a reader sees %+v", e)
	}
	content, err := r.Content(e.Current())
	if errors.Is(err, ErrDamaged) { // removed since
		if now, ok := r.Get(name); ok && now.Current().Sum == e.Current().Sum && now.Created == e.Created && now.Version == e.Version {
			if _, again := r.Content(now.Current()); again != nil {
				if last, _ := r.Get(name); last.Version == now.Version && last.Current().Sum == now.Current().Sum {
					t.Errorf("%s, version %d has no code: %v", name, now.Version, again)
				}
			}
		}
		return
	}
	if err != nil || !strings.HasPrefix(string(content), name) {
		t.Errorf("%s: content %q, error %v", name, content, err)
	}
}
