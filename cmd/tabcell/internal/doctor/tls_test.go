package doctor

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"os"
	goruntime "runtime"
	"strings"
	"testing"
	"time"

	"tabcell/cmd/tabcell/internal/certs"
	"tabcell/cmd/tabcell/internal/certs/certtest"
)

// verdicts are findings in one text: a line each.
func verdicts(all []Finding) string {
	var b strings.Builder
	for _, f := range all {
		b.WriteString(string(f.Verdict) + " " + f.About + ": " + f.Text + " -> " + f.Advice + "\n")
	}
	return b.String()
}

func wantVerdicts(t *testing.T, name string, all []Finding, wanted ...string) {
	t.Helper()
	text := verdicts(all)
	for _, want := range wanted {
		if !strings.Contains(text, want) {
			t.Errorf("%s: no %q in\n%s", name, want, text)
		}
	}
	for _, f := range all {
		if f.Verdict == Failure && (len(wanted) == 0 || f.Advice == "") {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func TestDoctorChain(t *testing.T) {
	root := certtest.Authority(t, "root", nil)
	intermediate := certtest.Authority(t, "intermediate", root)
	lower := certtest.Authority(t, "lower", intermediate)
	stranger := certtest.Authority(t, "stranger", nil)
	leaf := certtest.Issue(t, "leaf", lower, func(c *x509.Certificate) { c.IssuingCertificateURL = []string{"http://ca.example/lower.cer"} })
	alone := certtest.Issue(t, "alone", nil, nil)
	trusted := x509.NewCertPool()
	trusted.AddCert(root.Cert)
	known := x509.NewCertPool()
	known.AddCert(alone.Cert)
	none := x509.NewCertPool()
	for name, c := range map[string]struct {
		chain  []*certtest.Issued
		roots  *x509.CertPool
		wanted []string
	}{
		"complete":            {[]*certtest.Issued{leaf, lower, intermediate}, trusted, []string{"ok order: 3 in the file", "ok trust: this machine trusts it"}},
		"with the root":       {[]*certtest.Issued{leaf, lower, intermediate, root}, trusted, []string{"ok order: 4", "ok trust: this machine trusts it, by root"}},
		"wrong order":         {[]*certtest.Issued{leaf, intermediate, lower}, trusted, []string{"warn order: some", "in this order: leaf, lower, intermediate", "ok trust"}},
		"with a stranger":     {[]*certtest.Issued{leaf, lower, stranger, intermediate}, trusted, []string{"warn order: not part of the chain: stranger", "ok trust"}},
		"one is missing":      {[]*certtest.Issued{leaf, intermediate}, trusted, []string{"fail trust: incomplete: the certificate of lower, which issued leaf", "http://ca.example/lower.cer"}},
		"last is missing":     {[]*certtest.Issued{leaf, lower}, none, []string{"fail trust: incomplete: the certificate of intermediate, which issued lower"}},
		"private authority":   {[]*certtest.Issued{leaf, lower, intermediate, root}, none, []string{"warn trust: the root root is not trusted on this machine"}},
		"self-signed":         {[]*certtest.Issued{alone}, none, []string{"fail trust: self-signed"}},
		"self-signed, known":  {[]*certtest.Issued{alone}, known, []string{"ok trust: this machine trusts it, by alone"}},
		"leaf twice":          {[]*certtest.Issued{leaf, leaf, lower, intermediate}, trusted, []string{"ok trust"}},
		"authorities in ring": {[]*certtest.Issued{stranger, stranger}, none, []string{"warn order: not part of"}},
	} {
		var chain []*x509.Certificate
		for _, link := range c.chain {
			chain = append(chain, link.Cert)
		}
		wantVerdicts(t, name, checkChain(chain, c.roots, time.Now()), c.wanted...)
	}
}

func TestDoctorNames(t *testing.T) {
	for name, c := range map[string]struct {
		sans, wanted []string
		asked        string
	}{
		"common name only": {nil, []string{"fail names: there are no subject alternative names; the common name tabpy.example"}, ""},
		"localhost only":   {[]string{"localhost", "127.0.0.1", "::1"}, []string{"warn names: only this machine"}, ""},
		"one host":         {[]string{"tabpy.example", "localhost"}, []string{"ok names: tabpy.example, localhost"}, "tabpy.example"},
		"wildcard":         {[]string{"*.corp.example"}, []string{"ok names"}, "tabpy.corp.example"},
		"not that one":     {[]string{"tabpy.example"}, []string{"fail names: not for other.example -> have it issued with other.example"}, "other.example"},
		"address":          {[]string{"10.1.2.3"}, []string{"ok names: 10.1.2.3"}, "10.1.2.3"},
		"terminal escapes": {[]string{"a\x1b[31m.example"}, []string{`ok names: "a\x1b[31m.example"`}, ""},
	} {
		cert := certtest.Issue(t, "tabpy.example", nil, certtest.ForHosts(c.sans...)).Cert
		var asked []string
		if c.asked != "" {
			asked = []string{c.asked}
		}
		found := checkNames(cert, asked)
		wantVerdicts(t, name, found, c.wanted...)
		if strings.HasPrefix(c.wanted[0], "ok") && strings.Contains(verdicts(found), "fail") {
			t.Errorf("%s: %s", name, verdicts(found))
		}
	}
}

func TestDoctorDates(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	cert := &x509.Certificate{NotBefore: now.Add(-time.Hour), NotAfter: now.Add(100 * 24 * time.Hour), DNSNames: []string{"x"}}
	for after, want := range map[time.Duration]string{
		-2 * time.Hour:                 "fail validity: x: not valid before 2026-03-01 11:00:00",
		0:                              "ok validity: x: until 2026-06-09 12:00:00 (in 100 days)",
		80 * 24 * time.Hour:            "warn validity: x: until 2026-06-09 12:00:00 (in 20 days)",
		103 * 24 * time.Hour:           "fail validity: x: until 2026-06-09 12:00:00 (3 days ago)",
		100*24*time.Hour + time.Second: "fail validity: x: until 2026-06-09 12:00:00 (0 days ago)",
	} {
		wantVerdicts(t, after.String(), checkDates([]*x509.Certificate{cert}, now.Add(after)), want)
	}
}

func TestDoctorStrength(t *testing.T) {
	small, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	edPublic, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	root := certtest.Authority(t, "root", nil).Cert
	sha1Root := *root
	sha1Root.SignatureAlgorithm = x509.SHA1WithRSA
	with := func(change func(*x509.Certificate)) []*x509.Certificate {
		leaf := *certtest.Issue(t, "leaf", nil, nil).Cert
		change(&leaf)
		return []*x509.Certificate{&leaf}
	}
	for name, c := range map[string]struct {
		chain []*x509.Certificate
		want  string
	}{
		"P-256":              {with(func(*x509.Certificate) {}), "ok strength: leaf: ECDSA P-256, signed with ECDSA-SHA256"},
		"RSA 1024":           {with(func(c *x509.Certificate) { c.PublicKey = certtest.WeakRSA(t).Public() }), "fail strength: leaf: RSA 1024"},
		"P-224":              {with(func(c *x509.Certificate) { c.PublicKey = small.Public() }), "fail strength: leaf: ECDSA P-224"},
		"Ed25519":            {with(func(c *x509.Certificate) { c.PublicKey = edPublic }), "warn strength: leaf: Ed25519"},
		"SHA-1":              {with(func(c *x509.Certificate) { c.SignatureAlgorithm = x509.SHA1WithRSA }), "fail strength: leaf: ECDSA P-256, signed with SHA1-RSA"},
		"SHA-1 intermediate": {append(with(func(*x509.Certificate) {}), with(func(c *x509.Certificate) { c.SignatureAlgorithm, c.RawIssuer = x509.ECDSAWithSHA1, []byte{1} })...), "fail strength"},
	} {
		wantVerdicts(t, name, checkStrength(c.chain), c.want)
	}
	if got := checkStrength(append(with(func(*x509.Certificate) {}), &sha1Root)); len(got) != 1 || got[0].Verdict != OK {
		t.Errorf("a root's own signature counts: %s", verdicts(got))
	}
}

func TestDoctorUsage(t *testing.T) {
	for name, c := range map[string]struct {
		uses []x509.ExtKeyUsage
		fits bool
	}{"none": {nil, true}, "server": {[]x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, true}, "any": {[]x509.ExtKeyUsage{x509.ExtKeyUsageAny}, true},
		"client": {[]x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, false}} {
		if got := checkUsage(&x509.Certificate{ExtKeyUsage: c.uses}); (len(got) == 0) != c.fits {
			t.Errorf("%s: %s", name, verdicts(got))
		}
	}
}

func TestDoctorKeyFile(t *testing.T) {
	server, other := certtest.Issue(t, "server", nil, nil), certtest.Issue(t, "other", nil, nil)
	chain := []*x509.Certificate{server.Cert}
	files := certFiles(server.WriteFiles(t, t.TempDir()))
	if err := os.Chmod(files.Key, 0o640); err != nil {
		t.Fatal(err)
	}
	wantVerdicts(t, "right", checkKeyFile(files.Key, chain), "ok private key: ECDSA P-256, belongs to the certificate")
	wantVerdicts(t, "another's", checkKeyFile(certFiles(other.WriteFiles(t, t.TempDir())).Key, chain), "fail private key: the key does not belong")
	wantVerdicts(t, "order", checkKeyFile(files.Key, []*x509.Certificate{other.Cert, server.Cert}), "fail private key: the key belongs to certificate 2")
	wantVerdicts(t, "none", checkKeyFile(files.Certificate, chain), "fail private key: "+files.Certificate)
	if goruntime.GOOS == "windows" {
		return
	}
	if err := os.Chmod(files.Key, 0o644); err != nil {
		t.Fatal(err)
	}
	wantVerdicts(t, "open", checkKeyFile(files.Key, chain), "warn private key: mode 0644", "ok private key")
}

func certFiles(certificate, key string) certs.Files {
	return certs.Files{Certificate: certificate, Key: key}
}
