package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// problem is about the value that is in force.
func (l *loader) problem(path, text string) Problem {
	o := l.origins[path]
	return Problem{Name: o.Name, Value: l.tree.String(path), Origin: o, Text: text}
}

func (l *loader) reject(path, text string) { l.errors = append(l.errors, l.problem(path, text)) }

func (l *loader) warn(p Problem) { l.warnings = append(l.warnings, p) }

func (l *loader) warnAbout(path, text string) { l.warn(l.problem(path, text)) }

// given tells whether any layer but the defaults has the setting.
func (l *loader) isSet(path string) bool { return l.origins[path].Layer != Default }

// settle fills in what depends on other settings.
func (l *loader) resolve(s *Settings) {
	if !l.isSet("server.host") && s.Authenticates() {
		s.Server.Host = anyAddress
	}
	if !l.isSet("models.path") && s.State.Path != "" {
		s.Models.Path = filepath.Join(s.State.Path, "tabcell-models")
	}
	l.resolveTLS(s)
}

// validate finds what is wrong with values that are each right.
func (l *loader) validate(s Settings) {
	l.checkExposure(s)
	l.checkTLS(s)
	l.checkOAuth(s)
	l.checkFiles(s)
	if s.Evaluate.Timeout.Value == 0 {
		l.warnAbout("evaluate.timeout", "every script will be timed out at once")
	}
	if s.OAuth.LogUser && !s.Log.Details {
		l.warnAbout("oauth.log", "has no effect without TABPY_LOG_DETAILS")
	}
	switch strings.ToLower(l.tree.String("log.details")) {
	case "0", "no", "off", "":
		l.warnAbout("log.details", "this switches the details on, as in TabPy: only false switches them off")
	}
	l.explainKubernetes()
}

// checkExposure warns of what others on the network can do or read.
func (l *loader) checkExposure(s Settings) {
	switch {
	case IsLoopback(s.Server.ListenHost()):
	case !s.Authenticates():
		l.warnAbout("server.host", "everybody who can reach this address can run scripts: there is no authentication")
	case s.TLS.Protocol == "http":
		l.warnAbout("tls.protocol", "passwords, tokens and data cross the network in the clear: use https, or a proxy in front that does")
	}
}

// checkFiles looks for what is read later, so that all that is missing is said at once.
func (l *loader) checkFiles(s Settings) {
	if s.Auth.PasswordFile != "" {
		if err := checkReadable(s.Auth.PasswordFile); err != nil {
			l.reject("auth.passwords", fmt.Sprintf("Failed to read passwords file %s: %v", s.Auth.PasswordFile, err))
		}
	}
	if s.OAuth.Enabled && s.OAuth.KeySetFile != "" {
		if err := checkReadable(s.OAuth.KeySetFile); err != nil {
			l.reject("oauth.jwks_file", fmt.Sprintf("cannot be read: %v", err))
		}
	}
	if s.Static.Path != "" && !isDir(s.Static.Path) {
		l.warnAbout("static.path", "there is no such folder: no page will be found")
	}
	if s.State.Path != "" && !isDir(s.State.Path) {
		l.reject("state.path", "No such file or directory: make the folder, or correct the setting")
	}
}

// checkReadable tells why a file cannot be read; nil if it can. A pipe is not touched: it can be read once only.
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
		return errors.New("there is no such file")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("this user may not read it")
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

// explainKubernetes: for a service named "tabpy" Kubernetes puts TABPY_PORT=tcp://10.0.0.1:9004 into every container.
func (l *loader) explainKubernetes() {
	for i, p := range l.errors {
		if p.Origin.Layer == Environment && strings.HasPrefix(p.Value, "tcp://") {
			l.errors[i].Text += "; Kubernetes sets this for a service of that name: set TABCELL_PORT, which wins, or enableServiceLinks: false"
		}
	}
}
