package packages

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/goreleaser/nfpm/v2"
)

const (
	maintainer = "The tabcell maintainers <maintainers@tabcell.invalid>"
	summary    = "server that runs Python for Tableau in sealed cells"

	description = summary + `
 tabcell answers the requests of Tableau's analytics extensions as TabPy does,
 and runs each script in a WebAssembly cell: without files, network or
 processes, and with limits of time and memory. Python, numpy, pandas, scipy
 and scikit-learn are inside the program.
 .
 After the installation, the server listens on 127.0.0.1 only.`

	codeSummary     = "compiled Python for tabcell"
	codeDescription = codeSummary + `
 This package has the Python guests of tabcell, compiled for this processor.
 With it, the first start of the server takes less than a second in place of
 a minute, and a host that forbids writable caches can run it. It fits only
 the package tabcell of the same version.`
)

// program describes the package tabcell.
func (b *builder) program(format string) (*nfpm.Info, error) {
	info := b.describe("tabcell", description, format)
	contents, err := b.programFiles(format)
	if err != nil {
		return nil, err
	}
	info.Contents = contents
	info.Depends = map[string][]string{
		"deb": {"adduser", "init-system-helpers (>= 1.52)"},
		"rpm": {"/usr/sbin/groupadd", "/usr/sbin/useradd"},
	}[format]
	info.Suggests = map[string][]string{"deb": {"tabcell-code"}, "rpm": {"tabcell-code"}}[format]
	return info, b.addScripts(info, format)
}

// code describes the package tabcell-code. It returns nil if there is no compiled code.
func (b *builder) code(format string) (*nfpm.Info, error) {
	if b.Code == "" {
		return nil, nil
	}
	v, err := parseVersion(b.Version)
	if err != nil {
		return nil, err
	}
	info := b.describe("tabcell-code", codeDescription, format)
	info.Depends = []string{exactly(v, format)}
	documents, err := b.documents("tabcell-code", format)
	if err != nil {
		return nil, err
	}
	compiled, err := tree(b.Code, codeFolder)
	if err != nil {
		return nil, err
	}
	info.Contents = append(documents, compiled...)
	if format == "deb" {
		info.Contents = append(info.Contents, content(file{b.source("deb/lintian-overrides-code"), "/usr/share/lintian/overrides/tabcell-code", ""}))
	}
	// The code is half a gigabyte, of which gzip leaves a third, and zstd a fifth.
	info.Deb.Compression, info.RPM.Compression = "zstd", "zstd"
	return info, nil
}

// describe describes a package without files.
func (b *builder) describe(name, description, format string) *nfpm.Info {
	info := nfpm.WithDefaults(&nfpm.Info{
		Name: name, Arch: b.Arch, Platform: "linux", Version: b.Version, Release: release, Section: "net", Priority: "optional",
		Maintainer: maintainer, Vendor: "tabcell", Description: description, License: "Apache-2.0", MTime: b.Modified,
		DisableGlobbing: true,
	})
	info.RPM.BuildHost = "localhost" // the same on every machine
	info.RPM.Group = "System Environment/Daemons"
	if format == "apk" {
		info.VersionMetadata = ""
		if v, err := parseVersion(b.Version); err == nil && v.Prerelease() != "" {
			info.Prerelease = apkPrerelease(v)
		}
	}
	return info
}

// addScripts adds the scripts that run when the package is installed and removed.
func (b *builder) addScripts(info *nfpm.Info, format string) error {
	var err error
	path := func(name string) string {
		copied, copyErr := b.script(format, name)
		err = errors.Join(err, copyErr)
		return copied
	}
	switch format {
	case "deb":
		info.Scripts = nfpm.Scripts{PostInstall: path("postinst"), PreRemove: path("prerm"), PostRemove: path("postrm")}
	case "rpm":
		info.Scripts = nfpm.Scripts{PreInstall: path("pre"), PostInstall: path("post"), PreRemove: path("preun"), PostRemove: path("postun")}
		info.RPM.Scripts.PostTrans = path("posttrans")
	case "apk":
		info.Scripts = nfpm.Scripts{PreInstall: path("pre-install"), PreRemove: path("pre-deinstall")}
		info.APK.Scripts = nfpm.APKScripts{PostUpgrade: path("post-upgrade")}
	}
	return err
}

// script copies a script and returns the path of the copy, which has the time of the package: nfpm
// writes the time of the file into packages for Alpine.
func (b *builder) script(format, name string) (string, error) {
	text, err := os.ReadFile(b.source(format + "/" + name))
	if err != nil {
		return "", err
	}
	path := filepath.Join(b.made, format+"-"+name)
	return path, errors.Join(os.WriteFile(path, text, 0o700), os.Chtimes(path, b.Modified, b.Modified))
}
