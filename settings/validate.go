package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// problem returns a problem with the effective value of a setting.
func (l *loader) problem(path, text string) Problem {
	o := l.origins[path]
	return Problem{Name: o.Name, Value: l.tree.String(path), Origin: o, Text: text}
}

func (l *loader) reject(path, text string) { l.errors = append(l.errors, l.problem(path, text)) }

func (l *loader) warn(p Problem) { l.warnings = append(l.warnings, p) }

func (l *loader) warnAbout(path, text string) { l.warn(l.problem(path, text)) }

// isSet reports whether a layer other than the defaults has the setting.
func (l *loader) isSet(path string) bool { return l.origins[path].Layer != Default }

// resolve replaces the values that depend on other settings.
func (l *loader) resolve(s *Settings) {
	if !l.isSet("server.host") && s.Authenticates() {
		s.Server.Host = anyAddress
	}
	if !l.isSet("models.path") && s.State.Path != "" {
		s.Models.Path = filepath.Join(s.State.Path, stateModelsName)
	}
	l.resolveCluster(s)
	l.resolveTLS(s)
	l.resolveMemory(s)
}

// validate checks combinations of values that are each valid alone.
func (l *loader) validate(s Settings) {
	l.checkExposure(s)
	l.checkHostMemory(s)
	l.checkTLS(s)
	l.checkClientCertificates(s)
	l.checkOAuth(s)
	l.checkFiles(s)
	l.checkMemory(s)
	l.checkFlight(s)
	l.checkCluster(s)
	if s.Evaluate.Timeout.Value == 0 {
		l.warnAbout("evaluate.timeout", "every script will time out at once")
	}
	if s.OAuth.LogUser && !s.Log.Details {
		l.warnAbout("oauth.log", "has no effect without TABPY_LOG_DETAILS")
	}
	switch strings.ToLower(l.tree.String("log.details")) {
	case "0", "no", "off", "":
		l.warnAbout("log.details", "this enables the details, as in TabPy; only false disables them")
	}
	if files := maxOpenFiles(); files > 0 && s.Server.MaxConnections > files {
		l.warnAbout("server.connections", fmt.Sprintf("the system allows only %d open files; raise that limit (ulimit -n, systemd's LimitNOFILE)", files))
	}
	l.explainKubernetes()
}

// checkFlight checks the settings of Arrow Flight, if it is enabled.
func (l *loader) checkFlight(s Settings) {
	if !s.Flight.Enable {
		return
	}
	if s.Flight.Port == s.Server.Port && s.Flight.Port != 0 {
		l.reject("flight.port", "is also the port of TABPY_PORT; choose another one")
	}
	if share := s.Flight.share(); s.Flight.TableMB > share {
		l.warnAbout("flight.table", fmt.Sprintf("one client can store at most %d MiB, two thirds of TABCELL_FLIGHT_TABLES_MB; raise that setting, or lower this one", share))
	}
	if s.Flight.TablesMB > s.Request.BufferMB {
		l.warnAbout("flight.tables", fmt.Sprintf("the tables are part of TABCELL_BUFFER_MB, which is %d; raise that setting, or lower this one", s.Request.BufferMB))
	}
}

// checkExposure warns if others on the network can run scripts or read data.
func (l *loader) checkExposure(s Settings) {
	switch {
	case IsLoopback(s.Server.ListenHost()):
	case !s.Authenticates():
		l.warnAbout("server.host", "everyone who can reach this address can run scripts, because authentication is disabled; "+
			"enable it with TABPY_PWD_FILE, TABPY_OAUTH_ENABLED or TABCELL_CLIENT_CA_FILE")
	case s.TLS.Protocol == "http":
		l.warnAbout("tls.protocol", "passwords, tokens and data cross the network unencrypted; use https, or a proxy that does")
	}
}

// checkMemory rejects a memory limit that the engine does not support.
func (l *loader) checkMemory(s Settings) {
	if limit := l.src.MaxMemoryMB; limit > 0 && s.Cells.MemoryMB > limit {
		l.reject("cells.memory", fmt.Sprintf("must be at most %d, because the engine of this program cannot isolate larger memories; "+
			"decrease it, or use a program that go run ./cmd/dist has built", limit))
	}
}

// checkFiles checks files and folders that are used later, so that all missing ones are reported
// together.
func (l *loader) checkFiles(s Settings) {
	if s.Auth.PasswordFile != "" {
		if err := checkReadable(s.Auth.PasswordFile); err != nil {
			l.reject("auth.passwords", fmt.Sprintf("Failed to read passwords file %s: %v", s.Auth.PasswordFile, err))
		}
	}
	if s.Auth.RolesFile != "" {
		if err := checkReadable(s.Auth.RolesFile); err != nil {
			l.reject("auth.roles", fmt.Sprintf("cannot be read: %v", err))
		}
		if !s.Authenticates() {
			l.warnAbout("auth.roles", "has no effect, because authentication is disabled")
		}
	}
	if s.OAuth.Enabled && s.OAuth.KeySetFile != "" {
		if err := checkReadable(s.OAuth.KeySetFile); err != nil {
			l.reject("oauth.jwks_file", fmt.Sprintf("cannot be read: %v", err))
		}
	}
	if s.Static.Path != "" && !isDir(s.Static.Path) {
		l.warnAbout("static.path", "the folder does not exist, so no page is served")
	}
	if s.State.Path != "" && !isDir(s.State.Path) {
		l.reject("state.path", "No such file or directory: create the folder, or correct the setting")
	}
}

// checkReadable returns an error if the file cannot be read. It does not open a pipe, because a
// pipe can be read only once.
func checkReadable(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil
	}
	file, err := os.Open(path)
	switch {
	case err == nil:
		return file.Close()
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("the file does not exist")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("this user has no permission to read it")
	}
	return err
}

// isFile is Python's os.path.isfile.
func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// explainKubernetes extends the errors about variables that Kubernetes sets: for a service named
// tabpy, every container gets TABPY_PORT=tcp://10.0.0.1:9004.
func (l *loader) explainKubernetes() {
	for i, p := range l.errors {
		if p.Origin.Layer == Environment && strings.HasPrefix(p.Value, "tcp://") {
			l.errors[i].Text += "; Kubernetes sets this variable for a service of that name: " +
				"set TABCELL_PORT, which takes precedence, or enableServiceLinks: false"
		}
	}
}
