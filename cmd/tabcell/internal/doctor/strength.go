package doctor

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"slices"
)

// brokenSignatures has the signature algorithms that can be forged or that clients no longer
// accept.
var brokenSignatures = []x509.SignatureAlgorithm{x509.UnknownSignatureAlgorithm, x509.MD2WithRSA, x509.MD5WithRSA,
	x509.SHA1WithRSA, x509.DSAWithSHA1, x509.DSAWithSHA256, x509.ECDSAWithSHA1}

// checkStrength checks the keys and signatures of a chain. It skips a root, whose own signature
// does not matter, because it is trusted by its presence in a certificate store.
func checkStrength(chain []*x509.Certificate) (findings []Finding) {
	for i, cert := range chain {
		if i > 0 && isSelfSigned(cert) {
			continue
		}
		text := fmt.Sprintf("%s: %s, signed with %s", titleOf(cert), keyText(cert.PublicKey), cert.SignatureAlgorithm)
		finding := Finding{OK, "strength", text, ""}
		if slices.Contains(brokenSignatures, cert.SignatureAlgorithm) {
			finding.Severity, finding.Advice = Failure, "have it issued with a signature of SHA-256 or better"
		}
		if severity, advice := checkKey(cert.PublicKey); advice != "" {
			finding.Severity, finding.Advice = severity, advice
		}
		findings = append(findings, finding)
	}
	return findings
}

// checkKey returns no advice for a key that all versions of Tableau accept.
func checkKey(key crypto.PublicKey) (Severity, string) {
	switch k := key.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() < 2048 {
			return Failure, "use an RSA key of at least 2048 bits: openssl genrsa -out key.pem 2048"
		}
	case *ecdsa.PublicKey:
		if k.Params().BitSize < 256 {
			return Failure, "use the curve P-256: openssl ecparam -name prime256v1 -genkey -noout -out key.pem"
		}
	case ed25519.PublicKey:
		return Warning, "use RSA 2048 or P-256; many programs do not support Ed25519 yet"
	default:
		return Failure, "use RSA 2048 or P-256"
	}
	return OK, ""
}

// keyText returns the kind of a key and its size or curve.
func keyText(key crypto.PublicKey) string {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", k.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + k.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return fmt.Sprintf("%T", key)
}
