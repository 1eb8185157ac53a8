package server

import (
	"bytes"
	"strings"
	"testing"

	"tabcell/cmd/tabcell/internal/buildinfo"
	"tabcell/runtime"
	"tabcell/settings"

	"github.com/rs/zerolog"
)

// TestStartSentences checks TabPy's sentences at the start, for which log monitors look (section 11
// of its specification).
func TestStartSentences(t *testing.T) {
	passwords, oauth := settings.Auth{PasswordFile: "pwd.txt"}, settings.OAuth{Enabled: true}
	for name, c := range map[string]struct {
		change func(*settings.Settings)
		want   []string
		not    string
	}{
		"plain": {func(*settings.Settings) {}, []string{"Password file is not specified: Authentication is not enabled", "Call context logging is disabled",
			"Setting max request size to 104857600 bytes", "This is tabcell " + buildinfo.Current().Version, "The engine is " + runtime.EngineName()}, "TLS"},
		"passwords": {func(s *settings.Settings) { s.Auth = passwords }, []string{"Parsing passwords file pwd.txt...", "Authentication is enabled"}, "not enabled"},
		"tokens":    {func(s *settings.Settings) { s.OAuth = oauth }, []string{"Authentication is enabled, by bearer tokens"}, "passwords file"},
		"both": {func(s *settings.Settings) { s.Auth, s.OAuth = passwords, oauth }, []string{"Parsing passwords file pwd.txt...",
			"Authentication is enabled, by bearer tokens too"}, "not enabled"},
		"certificates": {func(s *settings.Settings) { s.TLS = settings.TLS{ClientCA: "ca.pem", ClientCert: "required"} }, []string{
			"Authentication is enabled, by client certificates only", "Client certificates are required; their authorities are in ca.pem"}, "not enabled"},
		"https":   {func(s *settings.Settings) { s.TLS.Protocol = "https" }, []string{"Setting minimum TLS version to TLSv1_2"}, "Parsing"},
		"details": {func(s *settings.Settings) { s.Log.Details = true }, []string{"Call context logging is enabled"}, "disabled"},
		"state":   {func(s *settings.Settings) { s.State.Path = "st" }, []string{"Loading state from state file st"}, "Parsing"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			log := zerolog.New(&out).Level(zerolog.InfoLevel)
			loaded := &settings.Loaded{Settings: settings.Defaults()}
			c.change(&loaded.Settings)
			logSettings(&log, "", loaded)
			for _, want := range c.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("the log lacks %q", want)
				}
			}
			if strings.Contains(out.String(), c.not) {
				t.Errorf("the log contains %q", c.not)
			}
			if t.Failed() {
				t.Log(out.String())
			}
		})
	}
}

// TestStartAdvisesPatchedEngine checks that exactly the stock engine advises to build with the
// other.
func TestStartAdvisesPatchedEngine(t *testing.T) {
	var out bytes.Buffer
	log := zerolog.New(&out)
	logEngine(&log)
	stock := runtime.EnginePatches() == ""
	if got := strings.Contains(out.String(), "go run ./cmd/dist"); got != stock || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("stock %t, log %q; want one line, with advice if the engine is the stock one", stock, out.String())
	}
}
