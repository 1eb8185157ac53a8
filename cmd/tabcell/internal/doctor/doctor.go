// Package doctor checks whether this host, its configuration and its certificate are fit for the
// server. Each check returns findings, with advice for those that are not good.
package doctor

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/buildinfo"
	"tabcell/cmd/tabcell/internal/certs"
	"tabcell/runtime"
	"tabcell/settings"
)

// Verdict is how a check ended.
type Verdict string

const (
	OK      Verdict = "ok"
	Warning Verdict = "warn" // it works, worse than it could
	Failure Verdict = "fail" // the server will not start, or will not work
)

// Finding is what a check found.
type Finding struct {
	Verdict Verdict
	About   string
	Text    string
	Advice  string // what to do; "" when all is fine
}

// Host checks the configuration and this host. listen takes the configured port.
func Host(src settings.Sources, listen func(settings.Server) (net.Listener, error)) []Finding {
	findings, s := checkConfiguration(src)
	findings = append(findings, checkProcessor(), checkExecutableMemory(s.Cells.AllowInterpreter))
	findings = append(findings, checkSystem(s)...)
	findings = append(findings, checkCache(s.Cells.CacheDir), checkCode(s.Cells, buildinfo.Program()), checkPort(s.Server, listen), checkGuest())
	if s.TLS.Protocol == "https" {
		findings = append(findings, checkTLS(certs.Files{Certificate: s.TLS.Certificate, Key: s.TLS.Key}, serverNames(s.Server), time.Now())...)
	}
	return findings
}

// checkConfiguration also returns the settings that the other checks look at: the defaults where the configuration is broken.
func checkConfiguration(src settings.Sources) ([]Finding, settings.Settings) {
	about := "configuration"
	loaded, err := settings.Load(src)
	if err != nil {
		return []Finding{{Failure, about, err.Error(), "correct it; `tabcell --help` lists all settings"}}, settings.Defaults()
	}
	said := "defaults and environment"
	if src.File != "" {
		said = src.File
	}
	all := []Finding{{Verdict: OK, About: about, Text: said}}
	for _, w := range loaded.Warnings {
		all = append(all, Finding{Warning, about, w.String(), ""})
	}
	return all, loaded.Settings
}

func checkCache(dir string) Finding {
	about := "cache folder"
	if dir == "" {
		return Finding{Warning, about, "there is none: every start compiles the guest anew", "set TABCELL_CACHE_DIR to a folder of this user"}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Finding{Failure, about, err.Error(), "let this user write there, or set TABCELL_CACHE_DIR"}
	}
	probe, err := os.CreateTemp(dir, "doctor")
	if err != nil {
		return Finding{Failure, about, err.Error(), "let this user write there, or set TABCELL_CACHE_DIR"}
	}
	probe.Close()
	os.Remove(probe.Name())
	info, err := os.Stat(dir)
	if err != nil {
		return Finding{Failure, about, err.Error(), "set TABCELL_CACHE_DIR"}
	}
	said := fmt.Sprintf("%s, mode %04o, %d MiB", dir, info.Mode().Perm(), sizeOf(dir)>>20)
	if !isPrivate(info) {
		said += ": others may put code there, which this server would run"
		return Finding{Failure, about, said, "chmod 700 " + dir + ", or set TABCELL_CACHE_DIR to a folder of this user"}
	}
	return Finding{Verdict: OK, About: about, Text: said}
}

// checkCode looks at compiled code that was installed with the program.
func checkCode(c settings.Cells, program runtime.Program) Finding {
	const about = "compiled code"
	dir := buildinfo.CodeDir(c, program.Path)
	if dir == "" {
		return Finding{Verdict: OK, About: about, Text: "none came with the program: the first start compiles"}
	}
	if err := runtime.CheckBundle(dir, program); err != nil {
		return Finding{Warning, about, fmt.Sprintf("%s is not used: %v", dir, err), "make it anew with tabcell warm --into " + dir + ", or remove it"}
	}
	return Finding{Verdict: OK, About: about, Text: dir + " came with this program"}
}

// sizeOf adds up what can be read below a folder, bytes.
func sizeOf(dir string) (total int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
			total += info.Size()
		}
		return nil
	})
	return total
}

func checkPort(s settings.Server, listen func(settings.Server) (net.Listener, error)) Finding {
	addr := net.JoinHostPort(s.ListenHost(), strconv.Itoa(s.Port))
	listener, err := listen(s)
	if err != nil {
		return Finding{Failure, "port", addr + " cannot be taken", err.Error()}
	}
	listener.Close()
	return Finding{Verdict: OK, About: "port", Text: addr + " is free"}
}

func checkGuest() Finding {
	guest, err := assets.Core()
	if err != nil {
		return Finding{Failure, "guest", err.Error(), "this program is damaged: install it again"}
	}
	manifest := assets.Manifest()
	return Finding{Verdict: OK, About: "guest", Text: fmt.Sprintf("%s, Python %s, digests are right", guest.Name, manifest.Python)}
}
