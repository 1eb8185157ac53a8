package grants

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"tabcell/cmd/tabcell/internal/certs/certtest"
)

// mailServer receives mail by SMTP, and keeps it.
type mailServer struct {
	config  *tls.Config
	mu      sync.Mutex
	secure  bool   // of the last message
	message string // the last one
}

// startMail starts a mail server, which offers STARTTLS, or begins with TLS if implicit is set.
func startMail(t testing.TB, config *tls.Config, implicit bool) (s *mailServer, port string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s = &mailServer{config: config}
	var group sync.WaitGroup
	t.Cleanup(func() { l.Close(); group.Wait() })
	group.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			group.Go(func() { s.serve(c, implicit) })
		}
	})
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return s, port
}

func (s *mailServer) serve(c net.Conn, secure bool) {
	defer c.Close()
	if secure {
		c = tls.Server(c, s.config)
	}
	fmt.Fprint(c, "220 mail.test ready\r\n")
	for r := bufio.NewReader(c); ; {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		switch verb := strings.ToUpper(strings.Fields(line + " -")[0]); verb {
		case "EHLO":
			fmt.Fprint(c, "250-mail.test\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n")
		case "STARTTLS":
			fmt.Fprint(c, "220 go on\r\n")
			c, secure = tls.Server(c, s.config), true
			r = bufio.NewReader(c)
		case "DATA":
			fmt.Fprint(c, "354 end with a dot\r\n")
			s.receive(r, secure)
			fmt.Fprint(c, "250 accepted\r\n")
		case "AUTH":
			fmt.Fprint(c, "235 welcome\r\n")
		case "QUIT":
			fmt.Fprint(c, "221 bye\r\n")
			return
		default:
			fmt.Fprint(c, "250 ok\r\n")
		}
	}
}

func (s *mailServer) receive(r *bufio.Reader, secure bool) {
	var text strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil || line == ".\r\n" {
			break
		}
		text.WriteString(line)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.message, s.secure = text.String(), secure
}

// got checks the last message.
func (s *mailServer) got(t *testing.T, text string, secure bool) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !strings.Contains(s.message, text) || s.secure != secure {
		t.Errorf("the server got %q, with TLS: %t; want %q, with TLS: %t", s.message, s.secure, text, secure)
	}
	s.message = ""
}

func TestMail(t *testing.T) {
	authority := certtest.Authority(t, "authority", nil)
	config := &tls.Config{Certificates: []tls.Certificate{certificate(t, authority, "localhost")}}
	s, port := startMail(t, config, false)
	secure, securePort := startMail(t, config, true)
	const send = `import smtplib, ssl
from email.message import EmailMessage
m = EmailMessage()
m['From'], m['To'], m['Subject'] = 'a@test', 'b@test', 'report'
m.set_content('NUMBER')
with smtplib.CLIENT('localhost', PORT, timeout=20) as s:
    START
    s.login('u', 'p')
    s.send_message(m)
return 'sent'`
	script := func(client, port, start, number string) string {
		return strings.NewReplacer("CLIENT", client, "PORT", port, "START", start, "NUMBER", number).Replace(send)
	}
	plain, tlsOnly := grantsOf(connections(t, nil, "tcp://localhost:"+port)), grantsOf(connections(t, authority.Cert, "tls://localhost:"+port))
	expect(t, plain, script("SMTP", port, "pass", "first"), `"sent"`)
	s.got(t, "first", false)
	expect(t, tlsOnly, script("SMTP", port, "s.starttls(context=ssl.create_default_context())", "second"), `"sent"`)
	s.got(t, "second", true)
	expect(t, tlsOnly, script("SMTP", port, "s.starttls()", "third"), `"sent"`)
	s.got(t, "third", true)
	expect(t, grantsOf(connections(t, authority.Cert, "tls://localhost:"+securePort)), script("SMTP_SSL", securePort, "pass", "fourth"), `"sent"`)
	secure.got(t, "fourth", true)
	// the certificate is not one of the system's authorities
	expect(t, grantsOf(connections(t, nil, "tls://localhost:"+port)), script("SMTP", port, "s.starttls()", "fifth"), "!SSLCertVerificationError")
}
