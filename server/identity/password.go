package identity

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// Password exchanges an address and its password for a session. An unknown
// address costs the same work and gets the same answer as a wrong password.
func (s *Service) Password(ctx context.Context, c Client, email, password string) (Grant, error) {
	if err := s.allow(limitPasswords, c); err != nil {
		return Grant{}, err
	}
	if strings.TrimSpace(email) == "" {
		return Grant{}, errAddressShape
	}
	address, err := Normalise(email)
	if err != nil {
		address = plain(email) // nobody has it, and it is limited like any other
	}
	if err := s.clock.issuing(); err != nil {
		return Grant{}, err
	}
	var u tmates.User
	stale := false
	err = s.hashes.do(ctx, func() error {
		if u, err = s.passwordOwner(ctx, c, address); err != nil {
			return err
		}
		var ok bool
		ok, stale = checkPassword(u.PasswordHash, password)
		if !ok {
			return s.wrongPassword(ctx, c, u.ID)
		}
		if u.Banned(s.db.Now()) {
			return errBanned
		}
		if u.ConfirmedAt.IsZero() {
			return errUnconfirmed
		}
		return nil
	})
	if err != nil {
		return Grant{}, unavailable(err)
	}
	g, err := s.openWithPassword(ctx, c, u, password, stale)
	if err != nil {
		return Grant{}, unavailable(err)
	}
	g.WeakPassword = s.rules.reasons(password, u.Email)
	return g, nil
}

// passwordOwner returns the account of an address, or one without a password
// under the id that limits the address.
func (s *Service) passwordOwner(ctx context.Context, c Client, address string) (u tmates.User, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err = tx.UserByEmail(ctx, address)
		if errors.Is(err, store.ErrNoUser) {
			u, err = tmates.User{ID: ghost(address), Email: address}, nil
		}
		if err != nil {
			return err
		}
		return s.mayTry(ctx, tx, c, u.ID)
	})
	return u, err
}

// mayTry holds the limit of wrong passwords per account. The owner, who has a
// live session at the same client address, is not stopped by a stranger's
// failures.
func (s *Service) mayTry(ctx context.Context, tx *store.Tx, c Client, userID string) error {
	at, err := tx.AuditTime(ctx, userID, "password_failed", s.policy.WrongPasswords)
	if err != nil {
		return err
	}
	wait := left(at, s.policy.WrongPasswordsIn, tx.Now)
	if wait == 0 {
		return nil
	}
	home, err := tx.SessionFrom(ctx, userID, plain(c.IP), tx.Now.Add(-s.policy.Inactivity))
	if err != nil || home {
		return err
	}
	return tooManyTries(wait)
}

// wrongPassword records a wrong password and answers it.
func (s *Service) wrongPassword(ctx context.Context, c Client, userID string) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return s.record(ctx, tx, c, "password_failed", userID, "", "")
	})
	if err != nil {
		return err
	}
	return errCredentials
}

// openWithPassword begins a session, unless the password was changed since it
// was compared, and replaces a hash of an older kind.
func (s *Service) openWithPassword(ctx context.Context, c Client, u tmates.User, password string, stale bool) (g Grant, err error) {
	compared, better := u.PasswordHash, u.PasswordHash
	if stale {
		err := s.hashes.do(ctx, func() error { better = hashPassword(password); return nil })
		if err != nil {
			return g, err
		}
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err := tx.UserByID(ctx, u.ID)
		if err != nil && !errors.Is(err, store.ErrNoUser) {
			return unavailable(err)
		}
		if err != nil || u.PasswordHash != compared || u.Banned(tx.Now) {
			return errCredentials
		}
		u.PasswordHash = better
		g, err = s.open(ctx, tx, c, u, "password")
		return err
	})
	s.Forget(u.ID)
	return g, err
}

// fits refuses a new password that breaks the rules.
func (s *Service) fits(password, email string) error {
	if n := utf8.RuneCountInString(password); n > s.policy.PasswordMax {
		return tmates.E(tmates.Invalid, "validation_failed", nil, "The password has %d characters, at most %d are allowed", n, s.policy.PasswordMax)
	}
	if reasons := s.rules.reasons(password, email); reasons != nil {
		return weak(reasons, s.policy)
	}
	return nil
}

// newHash checks a new password of an old account, in the order in which its
// owner can do something about it, and returns its hash.
func (s *Service) newHash(ctx context.Context, c Client, who Login, up Update) (hash string, err error) {
	password := *up.Password
	if err := s.fits(password, who.User.Email); err != nil {
		return "", err
	}
	u, err := s.freshUser(ctx, who)
	if err != nil {
		return "", err
	}
	if err := s.provenAgain(ctx, c, who, u, up); err != nil {
		return "", err
	}
	err = s.hashes.do(ctx, func() error {
		if u.PasswordHash != "" {
			if same, _ := checkPassword(u.PasswordHash, password); same {
				return errSame
			}
		}
		hash = hashPassword(password)
		return nil
	})
	return hash, err
}

// freshUser reads the account, not the cached one, if its session still lives.
func (s *Service) freshUser(ctx context.Context, who Login) (u tmates.User, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err = s.reread(ctx, tx, who)
		return err
	})
	return u, err
}

// reread returns the account of a login whose session still lives.
func (s *Service) reread(ctx context.Context, tx *store.Tx, who Login) (tmates.User, error) {
	if _, err := tx.Session(ctx, who.SessionID); err != nil {
		return tmates.User{}, err
	}
	u, err := tx.UserByID(ctx, who.User.ID)
	if errors.Is(err, store.ErrNoUser) {
		return u, errUserGone
	}
	return u, err
}

// provenAgain asks an old login for more before a password is changed: the
// current password or a code sent for this. A current password that is given is
// compared in any case.
func (s *Service) provenAgain(ctx context.Context, c Client, who Login, u tmates.User, up Update) error {
	if up.CurrentPassword != "" && u.PasswordHash != "" {
		return s.hashes.do(ctx, func() error { return s.currentPassword(ctx, c, u, up.CurrentPassword) })
	}
	if s.db.Now().Sub(who.Since) <= s.policy.FreshLogin {
		return nil
	}
	if up.Nonce == "" {
		return errReauth
	}
	_, err := s.match(ctx, c, u, up.Nonce, []string{purposeReauth})
	if errors.Is(err, errCode) {
		return errNonce
	}
	return err // the code itself goes with all others when the password is set
}

func (s *Service) currentPassword(ctx context.Context, c Client, u tmates.User, password string) error {
	err := s.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error { return s.mayTry(ctx, tx, c, u.ID) })
	if err != nil {
		return err
	}
	if ok, _ := checkPassword(u.PasswordHash, password); ok {
		return nil
	}
	if err := s.wrongPassword(ctx, c, u.ID); !errors.Is(err, errCredentials) {
		return err
	}
	return errCurrent
}

// passwordChanged ends what a new password ends: every other session, every
// pending code and every one-time link.
func (s *Service) passwordChanged(ctx context.Context, tx *store.Tx, c Client, who Login) error {
	if err := tx.DeleteCodes(ctx, who.User.ID); err != nil {
		return err
	}
	if err := tx.DeletePasses(ctx, who.User.ID); err != nil {
		return err
	}
	if _, err := tx.DeleteSessions(ctx, who.User.ID, who.SessionID); err != nil {
		return err
	}
	return s.record(ctx, tx, c, "password_change", who.User.ID, who.SessionID, "every other session ended")
}
