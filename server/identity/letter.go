package identity

import (
	"context"
	"fmt"
	"math"
	"net/url"
	"time"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// letter is one mail that waits to be sent. Its subject never holds the code:
// subjects show on locked screens.
type letter struct {
	userID  string
	to      string
	subject string
	text    string
	code    string // for the console; empty when there is none
}

// sendTimeout is how long one mail may take.
const sendTimeout = 30 * time.Second

// serverName is what mails call this server.
func (s *Service) serverName() string {
	if u, err := url.Parse(s.publicURL); err == nil && u.Host != "" {
		return u.Host
	}
	return s.publicURL
}

// codeLetter writes the mail that carries a code.
func (s *Service) codeLetter(u tmates.User, c tmates.Code, now time.Time) letter {
	digits := s.secrets.Digits(c, s.policy.CodeDigits)
	what := map[string]string{
		purposeLogin: "log in to", purposeSignup: "confirm your address at", purposeReauth: "change your password at",
	}[c.Purpose]
	minutes := max(1, int(math.Round(c.ExpiresAt.Sub(now).Minutes())))
	return letter{
		userID: u.ID, to: u.Email, code: digits,
		subject: "Your code for " + s.serverName(),
		text: fmt.Sprintf("Hello,\n\nsomebody, hopefully you, asked to %s %s.\n\nYour code is:\n\n    %s\n\n"+
			"It works once, within the next %d minutes. Nobody from this server will ever ask you for it.\n"+
			"If it was not you, do nothing: without the code nothing happens.\n",
			what, s.serverName(), digits, minutes),
	}
}

// inviteLetter writes the mail of an invitation. It is often read when the code
// is long expired.
func (s *Service) inviteLetter(u tmates.User, c tmates.Code, now time.Time) letter {
	digits := s.secrets.Digits(c, s.policy.CodeDigits)
	minutes := max(1, int(math.Round(c.ExpiresAt.Sub(now).Minutes())))
	return letter{
		userID: u.ID, to: u.Email, code: digits,
		subject: "You are invited to " + s.serverName(),
		text: fmt.Sprintf("Hello,\n\nyou are invited to the team at %s.\n\nLog in with this address and the code:\n\n    %s\n\n"+
			"It works once, within the next %d minutes. Later, log in with this address and a new code is sent to you.\n"+
			"Nobody from this server will ever ask you for a code. If you did not expect this, do nothing.\n",
			s.publicURL, digits, minutes),
	}
}

// passwordLetter tells a user that the password was changed.
func (s *Service) passwordLetter(u tmates.User, now time.Time) letter {
	return letter{
		userID: u.ID, to: u.Email, subject: "Your password at " + s.serverName() + " was changed",
		text: fmt.Sprintf("Hello,\n\nyour password at %s was changed on %s, and every other login was ended.\n"+
			"If it was not you, ask for a login code and choose a new password, or tell the operator of the server.\n",
			s.serverName(), now.Format("2 January 2006, 15:04 MST")),
	}
}

// movedLetter tells a user, at the address that was, that it was changed.
func (s *Service) movedLetter(u tmates.User, now time.Time) letter {
	return letter{
		userID: u.ID, to: u.Email, subject: "Your address at " + s.serverName() + " was changed",
		text: fmt.Sprintf("Hello,\n\nthe operator of %s gave your account another address on %s. Codes go there from now on.\n"+
			"If you did not expect this, ask the operator.\n", s.serverName(), now.Format("2 January 2006, 15:04 MST")),
	}
}

// post hands a letter to [Service.Run]. It never waits: when too many letters
// stand in the queue this one is dropped, and a record says so.
func (s *Service) post(ctx context.Context, l letter) {
	if l.to == "" {
		return
	}
	select {
	case s.letters <- l:
	default:
		s.log.Warn("mail dropped: too many wait already", "user", l.userID)
		s.recordLetter(ctx, "mail_dropped", l)
	}
}

// deliver sends one letter, or shows its code when there is no mail.
func (s *Service) deliver(ctx context.Context, l letter) {
	if s.mail == nil {
		if s.console != nil && l.code != "" {
			s.console(l.to, l.code)
		}
		return
	}
	sending, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	if err := s.mail(sending, l.to, l.subject, l.text); err != nil {
		s.log.Warn("mail could not be sent", "user", l.userID, "err", err)
		s.recordLetter(ctx, "mail_failed", l)
	}
}

func (s *Service) recordLetter(ctx context.Context, event string, l letter) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return s.record(ctx, tx, Client{}, event, l.userID, "", l.subject)
	})
	if err != nil {
		s.log.Error("audit record could not be kept", "user", l.userID, "err", err)
	}
}
