package identity

import (
	"context"
	"errors"
	"net/url"
	"slices"

	"github.com/tmates/tmates/server/token"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// Invite makes an account that nobody has confirmed and sends its address a
// code. Doing it again for an account that still waits sends the code again,
// within the limits of mails; one that is confirmed is the Conflict
// email_exists.
func (s *Service) Invite(ctx context.Context, c Client, email string, data map[string]any) (a Account, err error) {
	address, err := Normalise(email)
	if err != nil {
		return a, err
	}
	if err := s.clock.issuing(); err != nil {
		return a, err
	}
	var l letter
	err = s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err := s.invited(ctx, tx, c, checked{address: address, Change: Change{Metadata: data}})
		if err != nil {
			return err
		}
		if err := s.mayAsk(ctx, tx, u.ID, "code_sent"); err != nil {
			return err
		}
		code, err := s.pending(ctx, tx, u, purposeSignup)
		if err != nil {
			return err
		}
		l = s.inviteLetter(u, code, tx.Now)
		if err := s.record(ctx, tx, c, "code_sent", u.ID, "", "invite"); err != nil {
			return err
		}
		a.User = u
		a.Identities, err = tx.Identities(ctx, u.ID)
		return err
	})
	if err != nil {
		return Account{}, unavailable(err)
	}
	s.post(ctx, l)
	return a, nil
}

// invited returns the account of an address nobody has confirmed yet, made when
// it is missing, and notes the invitation.
func (s *Service) invited(ctx context.Context, tx *store.Tx, c Client, want checked) (u tmates.User, err error) {
	u, err = s.waiting(ctx, tx, c, want)
	if err != nil {
		return u, err
	}
	u.InvitedAt = tx.Now
	if u, err = tx.UpdateUser(ctx, u); err != nil {
		return u, err
	}
	return u, s.record(ctx, tx, c, "user_invited", u.ID, "", "")
}

// waiting returns the account of an address nobody has confirmed yet, made when
// it is missing, as it is wanted.
func (s *Service) waiting(ctx context.Context, tx *store.Tx, c Client, want checked) (u tmates.User, err error) {
	u, err = tx.UserByEmail(ctx, want.address)
	fresh := errors.Is(err, store.ErrNoUser)
	switch {
	case fresh:
		u = tmates.User{Email: want.address}
	case err != nil:
		return u, err
	case !u.ConfirmedAt.IsZero():
		return u, errTaken
	case want.hash == "":
		u.PasswordHash = "" // of whoever signed up with an address they may not own
	}
	if u, err = s.apply(u, want, tx.Now); err != nil {
		return u, err
	}
	if fresh {
		return s.create(ctx, tx, c, u)
	}
	return tx.UpdateUser(ctx, u)
}

// The kinds of links, which are also the wire's types of what they prove.
const (
	linkMagic    = "magiclink"
	linkRecovery = "recovery"
	linkSignup   = "signup"
	linkInvite   = "invite"
)

// LinkRequest asks for a link the operator hands over.
type LinkRequest struct {
	Kind     string // "magiclink", "recovery", "signup" or "invite"
	Email    string
	Password string         // of a sign-up, which needs one
	Data     map[string]any // user_metadata
	Redirect string         // where the link leads in the end; see Options.RedirectURLs
}

// Link is a living code of an account, in every form in which it can be used.
type Link struct {
	Account
	Kind     string // of what verifies it
	Code     string // the digits
	Token    string // the same without the address, for VerifyLink
	URL      string // an address of this server that verifies Token
	Redirect string // where it leads then
}

// MakeLink returns a link, and sends nothing. A magic link for an address
// without an account makes one and becomes a sign-up; a recovery for one is
// user_not_found; a sign-up or an invitation of a confirmed account is
// email_exists. The link lives as long as the code.
func (s *Service) MakeLink(ctx context.Context, c Client, r LinkRequest) (l Link, err error) {
	if !slices.Contains([]string{linkMagic, linkRecovery, linkSignup, linkInvite}, r.Kind) {
		return l, tmates.E(tmates.Invalid, "validation_failed", nil, "type must be magiclink, recovery, signup or invite")
	}
	if r.Kind == linkSignup && r.Password == "" {
		return l, tmates.E(tmates.Invalid, "validation_failed", nil, "A password is needed for a signup link")
	}
	in := Change{Email: &r.Email, Metadata: r.Data}
	if r.Kind == linkSignup {
		in.Password = &r.Password
	}
	want, err := s.check(ctx, in, "")
	if err != nil {
		return l, err
	}
	if err := s.clock.issuing(); err != nil {
		return l, err
	}
	l.Kind = r.Kind
	err = s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		var purpose string
		if l.User, purpose, err = s.linked(ctx, tx, c, &l.Kind, want); err != nil {
			return err
		}
		code, err := s.pending(ctx, tx, l.User, purpose)
		if err != nil {
			return err
		}
		l.Code, l.Token = s.secrets.Digits(code, s.policy.CodeDigits), s.secrets.Link(code)
		if err := s.record(ctx, tx, c, "link_made", l.User.ID, "", l.Kind); err != nil {
			return err
		}
		l.Identities, err = tx.Identities(ctx, l.User.ID)
		return err
	})
	if err != nil {
		return Link{}, unavailable(err)
	}
	l.Redirect = s.targets.target(r.Redirect)
	l.URL = s.publicURL + "/auth/v1/verify?" + url.Values{"token": {l.Token}, "type": {l.Kind}, "redirect_to": {l.Redirect}}.Encode()
	return l, nil
}

// linked returns the account a link of a kind is for and the purpose of its
// code. A magic link to nobody changes its kind.
func (s *Service) linked(ctx context.Context, tx *store.Tx, c Client, kind *string, want checked) (u tmates.User, purpose string, err error) {
	switch *kind {
	case linkInvite:
		u, err = s.invited(ctx, tx, c, want)
		return u, purposeSignup, err
	case linkSignup:
		u, err = s.waiting(ctx, tx, c, want)
		return u, purposeSignup, err
	}
	u, err = tx.UserByEmail(ctx, want.address)
	if errors.Is(err, store.ErrNoUser) && *kind == linkMagic {
		*kind = linkSignup
		u, err = s.waiting(ctx, tx, c, want)
		return u, purposeSignup, err
	}
	return u, purposeLogin, err
}

// VerifyLink exchanges the token of a link for a session. kind is the wire's
// type. Everything that does not match is otp_expired. A wrong token costs its
// sender's tries, but never a code: there is nothing to guess.
func (s *Service) VerifyLink(ctx context.Context, c Client, raw, kind string) (Grant, error) {
	purposes, ok := verifyTypes[kind]
	if !ok {
		return Grant{}, errVerifyType
	}
	if err := s.allow(limitGuesses, c); err != nil {
		return Grant{}, err
	}
	if err := s.clock.issuing(); err != nil {
		return Grant{}, err
	}
	userID, ok := token.ParseLink(raw)
	if !ok {
		return Grant{}, errCode
	}
	var g Grant
	err := s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, purpose := range purposes {
			code, found, err := tx.Code(ctx, userID, purpose)
			if err != nil {
				return err
			}
			if found && s.secrets.Linked(code, raw) {
				g, err = s.redeem(ctx, tx, c, code)
				return err
			}
		}
		return errCode
	})
	if err != nil {
		return Grant{}, unavailable(err)
	}
	s.Forget(userID)
	return g, nil
}

// Redirect returns where a link that wants to go to wanted leads: there, when
// that is the server's own address or one the operator listed, else home.
func (s *Service) Redirect(wanted string) string { return s.targets.target(wanted) }
