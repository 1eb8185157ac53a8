package authn

import (
	"bytes"
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

func TestIsPublic(t *testing.T) {
	for want, addresses := range map[bool]string{
		true: "8.8.8.8 1.1.1.1 100.63.255.255 100.128.0.0 172.15.0.1 172.32.0.1 192.0.1.1 198.17.0.1 198.20.0.0 223.255.255.255 11.0.0.0 9.255.255.255 128.0.0.0 " +
			"2606:4700::1111 2001:4860:4860::8888 2a00:1450::1 2001:200::1 3ffe::1 ::ffff:8.8.8.8 64:ff9b::808:808",
		false: "0.0.0.0 0.255.255.255 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.255 169.254.169.254 172.16.0.1 172.31.255.255 " +
			"192.0.0.1 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1 255.255.255.255 " +
			":: ::1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::7f00:1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 2001::1 2001:1ff::1 2001:db8::1 " +
			"2002:7f00:1::1 3fff::1 4000::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1",
	} {
		for text := range strings.FieldsSeq(addresses) {
			if isPublic(netip.MustParseAddr(text)) != want {
				t.Errorf("isPublic(%s) = %v", text, !want)
			}
		}
	}
	if isPublic(netip.Addr{}) {
		t.Error("the zero address is public")
	}
}

func TestCheckHost(t *testing.T) {
	resolves := func(addresses ...string) lookupFunc {
		return func(context.Context, string) ([]netip.Addr, error) {
			var all []netip.Addr
			for _, address := range addresses {
				all = append(all, netip.MustParseAddr(address))
			}
			return all, nil
		}
	}
	const nonPublic = `TABPY_OAUTH_JWKS_URI host "idp" resolves to a non-public address (`
	for name, c := range map[string]struct {
		addresses     []string
		allow         bool
		refuses, logs string
	}{
		"public":          {addresses: []string{"8.8.8.8", "2606:4700::1"}},
		"public, allowed": {addresses: []string{"8.8.8.8"}, allow: true},
		"private":         {addresses: []string{"10.0.0.1"}, refuses: nonPublic + "10.0.0.1): refusing to use it"},
		"one of several":  {addresses: []string{"8.8.8.8", "::1", "10.0.0.1", "::1"}, refuses: nonPublic + "10.0.0.1, ::1): refusing to use it"},
		"IPv4-mapped":     {addresses: []string{"::ffff:10.0.0.1"}, refuses: nonPublic + "10.0.0.1)"},
		"allowed":         {addresses: []string{"10.0.0.1"}, allow: true, logs: strings.ReplaceAll(nonPublic, `"`, `\"`) + "10.0.0.1), which TABPY_OAUTH_ALLOW_NONPUBLIC_JWKS permits; "},
	} {
		var log bytes.Buffer
		logger := zerolog.New(&log)
		err := checkHost("idp", c.allow, resolves(c.addresses...), &logger)
		if (err == nil) != (c.refuses == "") || err != nil && !strings.HasPrefix(err.Error(), c.refuses) {
			t.Errorf("%s: %v", name, err)
		}
		if (log.Len() == 0) != (c.logs == "") || !strings.Contains(log.String(), c.logs) {
			t.Errorf("%s: logged %s", name, log.String())
		}
	}
	nop := zerolog.Nop()
	fails := func(context.Context, string) ([]netip.Addr, error) {
		return nil, &net.DNSError{Err: "no such host", Name: "idp"}
	}
	if err := checkHost("idp", true, fails, &nop); err == nil || !strings.HasPrefix(err.Error(), `Unable to resolve TABPY_OAUTH_JWKS_URI host "idp": `) {
		t.Errorf("a host that cannot be resolved: %v", err)
	}
}
