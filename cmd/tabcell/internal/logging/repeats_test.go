package logging

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/rs/zerolog"
)

func newRepeats(limit int) (log zerolog.Logger, r *Repeats, out *bytes.Buffer) {
	out = &bytes.Buffer{}
	log, r = LimitRepeats(zerolog.New(zerolog.SyncWriter(out)), limit)
	return log, r, out
}

// TestRepeats checks which lines are limited, by three lines of each kind with a limit of two.
func TestRepeats(t *testing.T) {
	for name, c := range map[string]struct {
		write   func(log *zerolog.Logger, i int)
		limited bool
	}{
		"handshakes": {func(log *zerolog.Logger, i int) {
			log.Warn().Msgf("http: TLS handshake error from 10.0.0.7:%d: EOF", 40000+i)
		}, true},
		"errors": {func(log *zerolog.Logger, _ int) { log.Error().Msg("Failing with 401 for unauthorized request") }, true},
		"calls": {func(log *zerolog.Logger, i int) {
			log.Error().Int("call", i).Msg("Failing with 401 for unauthorized request")
		}, true},
		"refused":    {func(log *zerolog.Logger, i int) { log.Warn().Msgf("404 GET /x%d (10.0.0.7) 0.%dms", i, i) }, true},
		"failure":    {func(log *zerolog.Logger, _ int) { log.Error().Msg(`Responding with status=401, message="x"`) }, true},
		"info":       {func(log *zerolog.Logger, _ int) { log.Info().Msg("200 GET /info (10.0.0.7) 0.10ms") }, false},
		"unknown":    {func(log *zerolog.Logger, i int) { log.Info().Msgf("404 GET /query/x%d (10.0.0.7) 0.10ms", i) }, true},
		"mistakes":   {func(log *zerolog.Logger, _ int) { log.Info().Msg(`Responding with status=404, message="x"`) }, true},
		"failed":     {func(log *zerolog.Logger, _ int) { log.Info().Msg(`Responding with status=500, message="x"`) }, false},
		"numbers":    {func(log *zerolog.Logger, _ int) { log.Info().Msg("4 models were loaded") }, false},
		"addresses":  {func(log *zerolog.Logger, i int) { log.Warn().Msgf("404 GET /x (10.0.0.%d) 0.10ms", i) }, false},
		"scripts":    {func(log *zerolog.Logger, _ int) { log.Error().Msg("500 POST /evaluate (10.0.0.7) 0.10ms") }, false},
		"timeouts":   {func(log *zerolog.Logger, _ int) { log.Warn().Msg("408 POST /evaluate (10.0.0.7) 0.10ms") }, false},
		"exceptions": {func(log *zerolog.Logger, _ int) { log.Error().Msg(`Responding with status=500, message="x"`) }, false},
		"different":  {func(log *zerolog.Logger, i int) { log.Error().Msgf("error %c", 'a'+i) }, false},
	} {
		log, r, out := newRepeats(2)
		child := log.With().Str("child", "yes").Logger() // as the logger of a request
		for i := range 3 {
			c.write(&child, i)
		}
		want := 3
		if c.limited {
			want = 2
		}
		if got := strings.Count(out.String(), "\n"); got != want {
			t.Errorf("%s: %d lines, want %d:\n%s", name, got, want, out)
		}
		out.Reset()
		r.Close()
		if got := strings.Contains(out.String(), `"repeats":1,"limit":2,`); got != c.limited {
			t.Errorf("%s: report %q", name, out)
		}
	}
}

// TestRepeatsWindow checks that lines are logged again after the report.
func TestRepeatsWindow(t *testing.T) {
	log, r, out := newRepeats(1)
	for range 2 {
		log.Warn().Msg("x")
		log.Warn().Msg("x")
		r.report()
	}
	r.Close()
	if got := strings.Count(out.String(), `"message":"x"`); got != 2 {
		t.Errorf("%d lines, want 2:\n%s", got, out)
	}
	if got := strings.Count(out.String(), `"repeats":1`); got != 2 {
		t.Errorf("%d reports, want 2:\n%s", got, out)
	}
}

func TestRepeatsOff(t *testing.T) {
	log, r, out := newRepeats(0)
	for range 100 {
		log.Warn().Msg("x")
	}
	r.Close()
	if got := strings.Count(out.String(), "\n"); got != 100 {
		t.Errorf("%d lines, want 100", got)
	}
}

// TestRepeatsFlood writes many different lines at once. The memory and the number of lines are
// limited.
func TestRepeatsFlood(t *testing.T) {
	log, r, out := newRepeats(1)
	var group sync.WaitGroup
	for g := range 4 {
		group.Go(func() {
			for i := range 2000 {
				log.Warn().Msg(strings.Repeat("x", i) + fmt.Sprint("y", g))
			}
		})
	}
	group.Wait()
	if n := len(r.lines); n > maxRepeats+1 {
		t.Errorf("%d kinds of lines are remembered", n)
	}
	if n := strings.Count(out.String(), "\n"); n > maxRepeats+1 {
		t.Errorf("%d lines were logged", n)
	}
	out.Reset()
	r.Close()
	if want := fmt.Sprintf(`"repeats":%d`, 8000-maxRepeats-1); !strings.Contains(out.String(), want) {
		t.Errorf("the report lacks %s: %.300s", want, out)
	}
}

func FuzzRepeatKey(f *testing.F) {
	f.Add("404 GET /x (10.0.0.7) 0.10ms")
	f.Add("http: TLS handshake error from [::1]:40000: EOF")
	f.Fuzz(func(t *testing.T, message string) {
		first, limited := repeatKey(message)
		if again, same := repeatKey(message); first != again || limited != same || len(first) > len(message)+len("access ") {
			t.Errorf("keys of %q: %q and %q", message, first, again)
		}
	})
}
