package settings

import "slices"

// pythonVersions are the names that TabPy knows: those of Python's ssl.TLSVersion.
var pythonVersions = map[string]string{
	"MINIMUM_SUPPORTED": safeVersion, "SSLv3": safeVersion, "TLSv1": safeVersion, "TLSv1_1": safeVersion,
	"TLSv1_2": "TLSv1_2", "TLSv1_3": "TLSv1_3", "MAXIMUM_SUPPORTED": "TLSv1_3",
}

const safeVersion = "TLSv1_2"

// settleTLS gives a version that exists and is safe.
//
// GAP: TabPy also goes below TLS 1.2 when it is told to.
func (l *loader) resolveTLS(s *Settings) {
	wanted := s.TLS.Minimum
	version, known := pythonVersions[wanted]
	switch {
	case !known:
		version = safeVersion
		l.warnAbout("tls.minimum", "Unrecognized value for TABPY_MINIMUM_TLS_VERSION: "+wanted+"; "+safeVersion+" is used, TLSv1_3 is the other choice")
	case version == safeVersion && wanted != safeVersion:
		l.warnAbout("tls.minimum", "older versions are broken and not spoken: "+safeVersion+" is used")
	}
	s.TLS.Minimum = version
}

// checkTLS finds what keeps https from working, in TabPy's sentences. What is in the files is not looked at.
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
