package settings

import (
	"crypto/x509"
	"fmt"
	"os"
	slashpath "path"
	"path/filepath"
	"slices"
	"strings"
)

// checkGrants checks the grants against each other and against the settings.
func (l *loader) checkGrants(s Settings) {
	var accounts []string
	known := false
	if l.src.Accounts != nil && len(l.grants) > 0 {
		accounts, known = l.src.Accounts(s)
	}
	for i := range l.grants {
		g := &l.grants[i]
		g.checkUsers(s)
		if known {
			g.checkAccounts(accounts)
		}
		g.checkTLS()
		g.checkTargets(s)
		g.checkPrivate(l.privateFiles(s))
		for _, other := range l.grants[:i+1] {
			g.checkOverlap(other)
		}
	}
}

// checkUsers checks who may use the grant, and whether there is anything to use.
func (g *Grant) checkUsers(s Settings) {
	named := slices.ContainsFunc(g.Accounts, func(a string) bool { return a != AnyAccount })
	switch {
	case len(g.Accounts)+len(g.Endpoints) == 0:
		g.section.warn("", "", "no script may use this grant; name accounts or endpoints")
	case s.Authenticates():
	case named:
		g.section.reject("accounts", strings.Join(g.Accounts, ", "), "there are no accounts, because authentication is disabled; "+
			"enable it with TABPY_PWD_FILE, TABPY_OAUTH_ENABLED or TABCELL_CLIENT_CA_FILE")
	case !g.AllowAnonymous:
		option := "accounts"
		if len(g.Accounts) == 0 {
			option = "endpoints"
		}
		g.section.reject(option, strings.Join(slices.Concat(g.Accounts, g.Endpoints), ", "), "everyone who can reach the server could use this grant, "+
			"because authentication is disabled; enable it, or set allow_anonymous = yes")
	}
	if s.Authenticates() && g.AllowAnonymous {
		g.section.warn("allow_anonymous", "yes", "has no effect, because clients authenticate")
	}
	if len(g.Folders)+len(g.Targets)+len(g.Env) == 0 {
		g.section.warn("", "", "this grant permits nothing; add read, connect or env")
	}
}

// checkAccounts warns of accounts that do not exist, with which the server starts nevertheless.
func (g *Grant) checkAccounts(known []string) {
	for _, account := range g.Accounts {
		if account != AnyAccount && !strings.HasPrefix(account, SubjectPrefix) && !slices.Contains(known, account) {
			g.section.warn("accounts", account, "there is no such account; add it with `tabcell user add`, or correct the name")
		}
	}
}

// checkTLS checks the file with authorities.
func (g *Grant) checkTLS() {
	if g.CA == "" {
		return
	}
	if err := checkReadable(g.CA); err != nil {
		g.section.reject("ca", g.CA, err.Error())
		return
	}
	if raw, err := os.ReadFile(g.CA); err != nil || !x509.NewCertPool().AppendCertsFromPEM(raw) {
		g.section.reject("ca", g.CA, "the file has no certificate in PEM format")
	}
	if !slices.ContainsFunc(g.Targets, func(t GrantTarget) bool { return t.Scheme != "http" }) {
		g.section.warn("ca", g.CA, "has no effect, because no target of the grant uses TLS")
	}
}

// checkTargets warns of targets that are dangerous to grant.
func (g *Grant) checkTargets(s Settings) {
	for _, t := range g.Targets {
		own := IsLoopback(t.Host) && (t.Port == s.Server.Port || s.Flight.Enable && t.Port == s.Flight.Port)
		switch {
		case own:
			g.section.warn("connect", t.String(), "this is the server itself, where scripts have the address of this host")
		case t.Host == "169.254.169.254" || t.Host == "fd00:ec2::254" || t.Host == "metadata.google.internal":
			g.section.warn("connect", t.String(), "metadata services of clouds give credentials of the host to scripts")
		}
	}
	if g.Proxy != "" && len(g.Targets) == 0 {
		g.section.warn("proxy", g.Proxy, "has no effect, because the grant has no connect")
	}
}

// privateFile is a file or folder of the server that scripts must not read.
type privateFile struct{ path, setting string }

func (l *loader) privateFiles(s Settings) (all []privateFile) {
	for _, f := range []privateFile{
		{l.src.File, "the configuration file"}, {s.Auth.PasswordFile, "TABPY_PWD_FILE"}, {s.Auth.RolesFile, "TABCELL_ROLES_FILE"},
		{s.OAuth.KeySetFile, "TABCELL_OAUTH_JWKS_FILE"}, {s.TLS.Key, "TABPY_KEY_FILE"}, {s.TLS.ClientCertMap, "TABCELL_CLIENT_CERT_MAP"},
		{s.Models.Path, "TABCELL_MODELS_PATH"}, {s.State.Path, "TABPY_STATE_PATH"}, {s.Cells.CacheDir, "TABCELL_CACHE_DIR"}, {s.Cluster.Path, "TABCELL_CLUSTER_PATH"},
	} {
		if f.path == "" {
			continue
		}
		if full, err := filepath.Abs(f.path); err == nil {
			f.path = full
		}
		if target, err := filepath.EvalSymlinks(f.path); err == nil {
			f.path = target
		}
		all = append(all, f)
	}
	if s.Audit.IsFile() {
		all = append(all, privateFile{s.Audit.To, "TABCELL_AUDIT"})
	}
	return all
}

// checkPrivate rejects folders that contain files of the server or are part of its folders.
func (g *Grant) checkPrivate(private []privateFile) {
	for _, folder := range g.Folders {
		for _, f := range private {
			if within(filepath.ToSlash(f.path), filepath.ToSlash(folder.Host)) || isDir(f.path) && within(filepath.ToSlash(folder.Host), filepath.ToSlash(f.path)) {
				g.section.reject("read", folder.Host, fmt.Sprintf("scripts could read %s (%s); grant another folder", f.path, f.setting))
			}
		}
	}
}

// checkOverlap rejects folders at paths of which one contains the other, unless a script finds the
// same files under both. other may be g itself.
func (g *Grant) checkOverlap(other Grant) {
	for i, a := range g.Folders {
		for j, b := range other.Folders {
			if other.Name == g.Name && j >= i {
				break
			}
			if overlap(a, b) {
				g.section.reject("read", a.Host+"="+a.Guest, fmt.Sprintf("overlaps %s=%s of [Grant %s]; map one of them to another path", b.Host, b.Guest, other.Name))
			}
		}
	}
}

// overlap reports whether a path for scripts belongs to both folders, but is another file in each.
func overlap(a, b GrantFolder) bool {
	outer, inner := a, b
	if within(comparablePath(a.Guest), comparablePath(b.Guest)) {
		outer, inner = b, a
	}
	rest, below := strings.CutPrefix(comparablePath(inner.Guest), comparablePath(outer.Guest))
	if !below || rest != "" && rest[0] != '/' {
		return false
	}
	inOuter := slashpath.Join(filepath.ToSlash(outer.Host), inner.Guest[len(inner.Guest)-len(rest):])
	return filepath.ToSlash(inOuter) != filepath.ToSlash(inner.Host)
}
