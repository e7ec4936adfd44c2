// Package mail hands plain-text messages to an SMTP server. It is the only
// place that knows the mail library.
//
// It promises that a message goes to exactly one checked address, that an
// unencrypted connection is used only to this very machine, and that one send
// is bounded in time. It opens a connection per message and keeps none: mails
// are rare, and an idle server talks to nobody. It never logs, retries or
// queues; its caller does.
package mail

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"slices"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"
)

// The ways to protect a connection.
const (
	StartTLS = "starttls" // begins in the clear and must switch to TLS before anything else
	TLS      = "tls"      // TLS from the first byte
	None     = "none"     // in the clear; only to this machine
)

// Timeout bounds the sending of one message.
const Timeout = 30 * time.Second

// Options of [New]. Host and From are required.
type Options struct {
	Host     string
	Port     int // default 587, with TLS 465, with None 25
	Username string
	Password string // may be empty with an empty Username: no login
	From     string // an address, with or without a name: "Tmates <tmates@example.com>"
	TLS      string // StartTLS (default), TLS or None
	// RootCAs are trusted instead of the system's authorities; nil: the system's.
	RootCAs *x509.CertPool
}

// Message is one mail.
type Message struct {
	To      string // a bare address
	Subject string // one line
	Text    string
}

// Sender sends mail. Its methods may be called from any goroutine.
type Sender struct {
	host    string
	options []gomail.Option
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
	from    *netmail.Address
}

// New checks the options and returns a Sender. It connects to nothing.
func New(o Options) (*Sender, error) {
	from, err := netmail.ParseAddress(o.From)
	if err != nil {
		return nil, fmt.Errorf("the sender %q is no mail address", o.From)
	}
	if o.Host == "" {
		return nil, errors.New("no mail server is named")
	}
	trust := &tls.Config{ServerName: o.Host, RootCAs: o.RootCAs, MinVersion: tls.VersionTLS12}
	options := []gomail.Option{gomail.WithTimeout(Timeout), gomail.WithHELO(domain(from)), gomail.WithTLSConfig(trust)}
	dial := (&net.Dialer{}).DialContext
	auth := gomail.SMTPAuthAutoDiscover
	switch cmp.Or(o.TLS, StartTLS) {
	case StartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory), gomail.WithPort(cmp.Or(o.Port, 587)))
	case TLS:
		// The connection we dial is TLS already. The library believes that only
		// when it is left to look; inside TLS nobody else can offer STARTTLS.
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic), gomail.WithPort(cmp.Or(o.Port, 465)))
		dial = (&tls.Dialer{Config: trust}).DialContext
	case None:
		if !loopback(o.Host) {
			return nil, fmt.Errorf("mail to %s would be sent in the clear: use %q or %q, %q is for this machine only", o.Host, StartTLS, TLS, None)
		}
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS), gomail.WithPort(cmp.Or(o.Port, 25)))
		auth = gomail.SMTPAuthPlainNoEnc
	default:
		return nil, fmt.Errorf("mail encryption is %q, must be %s, %s or %s", o.TLS, StartTLS, TLS, None)
	}
	if o.Username != "" {
		options = append(options, gomail.WithSMTPAuth(auth), gomail.WithUsername(o.Username), gomail.WithPassword(o.Password))
	}
	if _, err := gomail.NewClient(o.Host, options...); err != nil {
		return nil, fmt.Errorf("set up mail: %w", err)
	}
	return &Sender{host: o.Host, options: options, dial: dial, from: from}, nil
}

func domain(a *netmail.Address) string { return a.Address[strings.LastIndex(a.Address, "@")+1:] }

// loopback reports whether a host is this machine, without asking a name
// server.
func loopback(host string) bool {
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Send delivers one message to the mail server. The server may still bounce it
// later; that goes to the sender's address.
func (s *Sender) Send(ctx context.Context, m Message) error {
	to, err := netmail.ParseAddress(m.To)
	if err != nil || to.Address != m.To || strings.ContainsFunc(m.To, unicode.IsControl) {
		return errors.New("send mail: the recipient is no bare mail address")
	}
	if strings.ContainsFunc(m.Subject, unicode.IsControl) {
		return errors.New("send mail: the subject has more than one line")
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(s.from)
	msg.ToMailAddress(to)
	msg.Subject(m.Subject)
	msg.SetDate()
	msg.SetMessageIDWithValue(rand.Text() + "@" + domain(s.from)) // the library's own would tell this machine's name
	msg.SetGenHeader("Auto-Submitted", "auto-generated")          // keeps out-of-office replies away
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	// The library heeds the context while it dials only, so the connection is
	// closed under it when the time is over.
	client, err := gomail.NewClient(s.host, append(slices.Clone(s.options),
		gomail.WithDialContextFunc(func(dialing context.Context, network, address string) (net.Conn, error) {
			conn, err := s.dial(dialing, network, address)
			if err == nil {
				context.AfterFunc(ctx, func() { _ = conn.Close() })
			}
			return conn, err
		}))...)
	if err != nil {
		return fmt.Errorf("set up mail: %w", err)
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		return fmt.Errorf("send mail: %w", errors.Join(err, context.Cause(ctx)))
	}
	return nil
}
