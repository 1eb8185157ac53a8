package doctor

import (
	"crypto/x509"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/certs/certtest"
)

func TestChain(t *testing.T) {
	root := certtest.Authority(t, "root", nil)
	intermediate := certtest.Authority(t, "intermediate", root)
	lower := certtest.Authority(t, "lower", intermediate)
	unrelated := certtest.Authority(t, "unrelated", nil)
	leaf := certtest.Issue(t, "leaf", lower, func(c *x509.Certificate) { c.IssuingCertificateURL = []string{"http://ca.example/lower.cer"} })
	selfSigned := certtest.Issue(t, "self", nil, nil)
	trusted := x509.NewCertPool()
	trusted.AddCert(root.Cert)
	trustedSelf := x509.NewCertPool()
	trustedSelf.AddCert(selfSigned.Cert)
	none := x509.NewCertPool()
	for name, c := range map[string]struct {
		chain  []*certtest.Issued
		roots  *x509.CertPool
		wanted []string
	}{
		"complete":              {[]*certtest.Issued{leaf, lower, intermediate}, trusted, []string{"ok order: 3 in the file", "ok trust: this machine trusts it"}},
		"with the root":         {[]*certtest.Issued{leaf, lower, intermediate, root}, trusted, []string{"ok order: 4", "ok trust: this machine trusts it, through root"}},
		"wrong order":           {[]*certtest.Issued{leaf, intermediate, lower}, trusted, []string{"warn order: some", "in this order: leaf, lower, intermediate", "ok trust"}},
		"unrelated certificate": {[]*certtest.Issued{leaf, lower, unrelated, intermediate}, trusted, []string{"warn order: not part of the chain: unrelated", "ok trust"}},
		"one missing":           {[]*certtest.Issued{leaf, intermediate}, trusted, []string{"fail trust: incomplete: the certificate of lower, which issued leaf", "http://ca.example/lower.cer"}},
		"last missing":          {[]*certtest.Issued{leaf, lower}, none, []string{"fail trust: incomplete: the certificate of intermediate, which issued lower"}},
		"private authority":     {[]*certtest.Issued{leaf, lower, intermediate, root}, none, []string{"warn trust: the root root is not trusted on this machine"}},
		"self-signed":           {[]*certtest.Issued{selfSigned}, none, []string{"fail trust: self-signed"}},
		"self-signed, trusted":  {[]*certtest.Issued{selfSigned}, trustedSelf, []string{"ok trust: this machine trusts it, through self"}},
		"leaf twice":            {[]*certtest.Issued{leaf, leaf, lower, intermediate}, trusted, []string{"ok trust"}},
		"root twice":            {[]*certtest.Issued{unrelated, unrelated}, none, []string{"warn order: not part of"}},
	} {
		var chain []*x509.Certificate
		for _, issued := range c.chain {
			chain = append(chain, issued.Cert)
		}
		wantFindings(t, name, checkChain(chain, c.roots, time.Now()), c.wanted...)
	}
}
