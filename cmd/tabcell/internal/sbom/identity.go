package sbom

import (
	"net/url"
	"strings"
)

// packageURL returns a package URL (purl-spec). The name may contain a namespace, separated by a
// slash. If the version is empty, the result has none.
func packageURL(kind, name, version string) string {
	if kind == "github" { // where names are not case sensitive
		name = strings.ToLower(name)
	}
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	text := "pkg:" + kind + "/" + strings.Join(parts, "/")
	if version != "" {
		text += "@" + strings.ReplaceAll(url.PathEscape(version), ":", "%3A")
	}
	return text
}

// cpe returns a CPE 2.3 name of an application, as a formatted string (NISTIR 7695).
func cpe(vendor, product, version string) string {
	if version == "" {
		version = "*"
	} else {
		version = quoteCPE(version)
	}
	return "cpe:2.3:a:" + quoteCPE(vendor) + ":" + quoteCPE(product) + ":" + version + ":*:*:*:*:*:*:*"
}

// quoteCPE quotes the characters that are not literal in a formatted string. CPE names are in lower
// case.
func quoteCPE(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		if !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("-._", r)) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
