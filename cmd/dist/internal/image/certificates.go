package image

import (
	"bytes"
	"encoding/pem"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// certificates returns the certificates of the authorities that Mozilla's root program trusts, in
// PEM format. The server needs them only to fetch the keys of bearer tokens; scripts have no
// network. They come from a pinned module, so that an image does not depend on the machine that
// builds it.
//
// Authorities that the program trusts with constraints are left out, because a PEM file cannot
// express these.
func certificates() []byte {
	var b bytes.Buffer
	b.WriteString("# Authorities of Mozilla's root program (MPL-2.0), from golang.org/x/crypto/x509roots.\n")
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}) // a buffer does not fail
		}
	}
	return b.Bytes()
}
