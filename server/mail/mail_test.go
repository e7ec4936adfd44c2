package mail_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"io"
	"math/big"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/tmates/tmates/server/mail"
)

// delivery is what the test's mail server was given.
type delivery struct {
	encrypted bool
	login     string
	from, to  string
	subject   string
	text      string
	header    netmail.Header
}

// smtpServer is a mail server for one test: it speaks just enough SMTP.
type smtpServer struct {
	port     int
	roots    *x509.CertPool
	got      chan delivery
	implicit bool // TLS from the first byte
	silent   bool // accepts and says nothing
	config   *tls.Config
}

func startSMTP(t *testing.T, change func(*smtpServer)) *smtpServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cert, roots := certificate(t)
	s := &smtpServer{
		port: l.Addr().(*net.TCPAddr).Port, roots: roots, got: make(chan delivery, 4),
		config: &tls.Config{Certificates: []tls.Certificate{cert}},
	}
	if change != nil {
		change(s)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.serve(conn)
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return s
}

func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func (s *smtpServer) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	var d delivery
	if s.implicit {
		conn, d.encrypted = tls.Server(conn, s.config), true
	}
	r := bufio.NewReader(conn)
	if s.silent {
		_, _ = r.ReadString('\n') // until the client gives up
		return
	}
	say := func(lines ...string) { _, _ = io.WriteString(conn, strings.Join(lines, "\r\n")+"\r\n") }
	say("220 test")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSpace(line)
		verb, rest, _ := strings.Cut(line, " ")
		switch strings.ToUpper(verb) {
		case "EHLO":
			offer := []string{"250-test", "250-AUTH PLAIN", "250 STARTTLS"}
			if d.encrypted {
				offer = []string{"250-test", "250 AUTH PLAIN"}
			}
			say(offer...)
		case "STARTTLS":
			say("220 go on")
			conn, d.encrypted = tls.Server(conn, s.config), true
			r = bufio.NewReader(conn)
		case "AUTH":
			_, text, _ := strings.Cut(rest, " ")
			b, _ := base64.StdEncoding.DecodeString(text)
			d.login = strings.ReplaceAll(string(b), "\x00", "|")
			say("235 welcome")
		case "MAIL":
			d.from = line
			say("250 ok")
		case "RCPT":
			d.to += line
			say("250 ok")
		case "DATA":
			say("354 go on")
			d.read(r)
			s.got <- d
			say("250 queued")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

// read takes the message up to the single dot.
func (d *delivery) read(r *bufio.Reader) {
	var text strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil || line == ".\r\n" {
			break
		}
		text.WriteString(strings.TrimPrefix(line, "."))
	}
	m, err := netmail.ReadMessage(strings.NewReader(text.String()))
	if err != nil {
		return
	}
	body := m.Body
	if m.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	b, _ := io.ReadAll(body)
	d.header, d.subject, d.text = m.Header, m.Header.Get("Subject"), strings.ReplaceAll(string(b), "\r\n", "\n")
}

var message = mail.Message{To: "ada@example.com", Subject: "Your code for pi.local", Text: "Hello,\n\n    012345\n\n.\nZürich\n"}

func TestSend(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name      string
		mode      string
		implicit  bool
		user      string
		encrypted bool
		login     string
	}{
		{"starttls with a login", mail.StartTLS, false, "tm", true, "|tm|pa ss"},
		{"starttls without a login", "", false, "", true, ""},
		{"tls", mail.TLS, true, "tm", true, "|tm|pa ss"},
		{"in the clear to this machine", mail.None, false, "", false, ""},
		{"in the clear to this machine with a login", mail.None, false, "tm", false, "|tm|pa ss"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := startSMTP(t, func(s *smtpServer) { s.implicit = tt.implicit })
			sender, err := mail.New(mail.Options{
				Host: "127.0.0.1", Port: server.port, TLS: tt.mode, From: "Tmates <tmates@pi.local>",
				Username: tt.user, Password: "pa ss", RootCAs: server.roots,
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := sender.Send(t.Context(), message); err != nil {
				t.Fatal(err)
			}
			d := <-server.got
			if d.encrypted != tt.encrypted || d.login != tt.login {
				t.Errorf("encrypted %v, login %q", d.encrypted, d.login)
			}
			if !strings.HasPrefix(d.from, "MAIL FROM:<tmates@pi.local>") || d.to != "RCPT TO:<ada@example.com>" {
				t.Errorf("envelope %q, %q", d.from, d.to)
			}
			if d.subject != message.Subject || d.text != message.Text {
				t.Errorf("subject %q, text %q", d.subject, d.text)
			}
			if got := d.header.Get("From"); got != `"Tmates" <tmates@pi.local>` {
				t.Errorf("From: %s", got)
			}
			if id := d.header.Get("Message-ID"); !strings.HasSuffix(id, "@pi.local>") {
				t.Errorf("Message-ID: %s", id)
			}
			if d.header.Get("Date") == "" || d.header.Get("Auto-Submitted") != "auto-generated" {
				t.Errorf("header %v", d.header)
			}
		})
	}
}

func TestUntrustedServer(t *testing.T) {
	t.Parallel()
	server := startSMTP(t, nil)
	sender, err := mail.New(mail.Options{Host: "127.0.0.1", Port: server.port, From: "tmates@pi.local", RootCAs: x509.NewCertPool()})
	if err != nil {
		t.Fatal(err)
	}
	if err := sender.Send(t.Context(), message); err == nil || len(server.got) != 0 {
		t.Errorf("sent to a server nobody vouches for: %v", err)
	}
}

func TestSendEndsWithItsContext(t *testing.T) {
	t.Parallel()
	server := startSMTP(t, func(s *smtpServer) { s.silent = true })
	sender, err := mail.New(mail.Options{Host: "127.0.0.1", Port: server.port, From: "tmates@pi.local", TLS: mail.None})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if err := sender.Send(ctx, message); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]mail.Options{
		"no host":              {From: "a@b.c"},
		"no sender":            {Host: "mx"},
		"broken sender":        {Host: "mx", From: "a@b.c\r\nBcc: x@y.z"},
		"unknown encryption":   {Host: "mx", From: "a@b.c", TLS: "ssl"},
		"in the clear, remote": {Host: "mx.example.com", From: "a@b.c", TLS: mail.None},
		"port":                 {Host: "mx", From: "a@b.c", Port: 70000},
	} {
		if _, err := mail.New(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	server := startSMTP(t, nil)
	sender, err := mail.New(mail.Options{Host: "127.0.0.1", Port: server.port, From: "a@b.c", TLS: mail.None})
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]mail.Message{
		"no recipient":       {},
		"named recipient":    {To: "Ada <ada@example.com>"},
		"two recipients":     {To: "ada@example.com, eve@example.com"},
		"smuggled recipient": {To: "ada@example.com>\r\nRCPT TO:<eve@example.com"},
		"smuggled header":    {To: "ada@example.com", Subject: "x\r\nBcc: eve@example.com"},
	} {
		if err := sender.Send(t.Context(), m); err == nil || len(server.got) != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
