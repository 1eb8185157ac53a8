package settings

import (
	"fmt"
	"slices"
)

// pythonVersions maps the names in Python's ssl.TLSVersion, which TabPy accepts, to the versions
// that tabcell uses.
var pythonVersions = map[string]string{
	"MINIMUM_SUPPORTED": minTLSVersion, "SSLv3": minTLSVersion, "TLSv1": minTLSVersion, "TLSv1_1": minTLSVersion,
	"TLSv1_2": "TLSv1_2", "TLSv1_3": "TLSv1_3", "MAXIMUM_SUPPORTED": "TLSv1_3",
}

// resolveTLS replaces TLS.Minimum with a supported version.
//
// GAP: TabPy also accepts versions before TLS 1.2.
func (l *loader) resolveTLS(s *Settings) {
	wanted := s.TLS.Minimum
	version, known := pythonVersions[wanted]
	switch {
	case !known:
		version = minTLSVersion
		l.warnAbout("tls.minimum", "Unrecognized value for TABPY_MINIMUM_TLS_VERSION: "+wanted+
			"; "+minTLSVersion+" is used; the choices are TLSv1_2 and TLSv1_3")
	case version == minTLSVersion && wanted != minTLSVersion:
		l.warnAbout("tls.minimum", "versions before TLS 1.2 are insecure and not supported; "+minTLSVersion+" is used")
	}
	s.TLS.Minimum = version
}

// checkClientCertificates reports settings of client certificates that have no effect, and files
// that cannot be read.
func (l *loader) checkClientCertificates(s Settings) {
	if s.TLS.ClientCA == "" {
		d := Defaults()
		for _, path := range []string{"tls.client_cert", "tls.client_map"} {
			if textAt(&s, path) != textAt(&d, path) {
				l.warnAbout(path, "has no effect without TABCELL_CLIENT_CA_FILE")
			}
		}
		return
	}
	if s.TLS.Protocol != "https" {
		l.reject("tls.client_ca", "clients can present certificates only over https; set TABPY_TRANSFER_PROTOCOL = https")
	}
	for _, path := range []string{"tls.client_ca", "tls.client_map"} {
		if file := textAt(&s, path); file != "" {
			if err := checkReadable(file); err != nil {
				l.reject(path, fmt.Sprintf("cannot be read: %v", err))
			}
		}
	}
}

// checkTLS reports, in TabPy's sentences, files that https needs and that are not set or do not
// exist. It does not read the files.
func (l *loader) checkTLS(s Settings) {
	paths := []string{"tls.certificate", "tls.key"}
	if s.TLS.Protocol != "https" {
		for _, path := range paths {
			if l.isSet(path) {
				l.warnAbout(path, "has no effect while TABPY_TRANSFER_PROTOCOL is http")
			}
		}
		return
	}
	file := func(path string) string { return textAt(&s, path) }
	unset := slices.DeleteFunc(slices.Clone(paths), func(path string) bool { return file(path) != "" })
	missing := slices.DeleteFunc(slices.Clone(paths), func(path string) bool { return file(path) == "" || isFile(file(path)) })
	if len(unset) > 0 {
		l.reject("tls.protocol", "Error using HTTPS: The parameter(s) "+joinNames(unset, " and ")+" must be set.")
	}
	if len(missing) > 0 {
		l.reject(missing[0], "Error using HTTPS: The parameter(s) "+joinNames(missing, " and ")+" must point to an existing file.")
	}
}
