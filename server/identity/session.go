package identity

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"

	"github.com/tmates/tmates/server/token"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// Grant is what a login or a refresh gives a client.
type Grant struct {
	AccessToken  string
	RefreshToken string
	ExpiresIn    time.Duration // of the access token; whole seconds
	ExpiresAt    time.Time
	User         tmates.User
	Identities   []tmates.Identity
	WeakPassword []string // why the password used would be refused today; nil when it would not
}

// rowKeyBytes is the length of a session's own key.
const rowKeyBytes = 32

// open begins a session of the user, whose other changes are kept with it.
func (s *Service) open(ctx context.Context, tx *store.Tx, c Client, u tmates.User, method string) (Grant, error) {
	u.LastSignInAt = tx.Now
	u, err := tx.UpdateUser(ctx, u)
	if err != nil {
		return Grant{}, err
	}
	if err := tx.TouchIdentity(ctx, u.ID, provider); err != nil {
		return Grant{}, err
	}
	v := tmates.Session{
		ID: tx.NewID(), UserID: u.ID, Key: make([]byte, rowKeyBytes), Counter: 1,
		Methods:   []tmates.AuthMethod{{Method: method, At: tx.Now}},
		UserAgent: plain(c.UserAgent), IP: plain(c.IP), NotAfter: tx.Now.Add(s.policy.Absolute),
	}
	_, _ = rand.Read(v.Key) // never fails: the program is stopped instead
	if v, err = tx.AddSession(ctx, v); err != nil {
		return Grant{}, err
	}
	if _, err := tx.DeleteOldestSessions(ctx, u.ID, s.policy.Sessions); err != nil {
		return Grant{}, err
	}
	if err := tx.DeletePasses(ctx, u.ID); err != nil { // who invited somebody must not come after them
		return Grant{}, err
	}
	if err := s.record(ctx, tx, c, "login", u.ID, v.ID, method); err != nil {
		return Grant{}, err
	}
	return s.grant(ctx, tx, u, v)
}

// grant signs the tokens of a session as it stands.
func (s *Service) grant(ctx context.Context, tx *store.Tx, u tmates.User, v tmates.Session) (g Grant, err error) {
	g.User, g.ExpiresIn = u, s.signer.Life()
	if g.AccessToken, g.ExpiresAt, err = s.signer.Access(u, v, tx.Now); err != nil {
		return g, err
	}
	if g.RefreshToken, err = s.secrets.Mint(v.ID, v.Counter, v.Key); err != nil {
		return g, err
	}
	g.Identities, err = tx.Identities(ctx, u.ID)
	return g, err
}

// over reports whether the session ended by itself.
func (s *Service) over(v tmates.Session, now time.Time) bool {
	return !now.Before(v.NotAfter) || !now.Before(v.RefreshedAt.Add(s.policy.Inactivity))
}

// Refresh exchanges a refresh token for new tokens. The parent of the current
// token, which clients show after a lost answer, gets the current one again for
// as long as that is unused. An older one is forgiven for a moment, counted
// from when it was superseded; after that it ends the session. Everything that
// passes by itself is Unavailable, never TooMany: clients give up their login
// for anything else.
func (s *Service) Refresh(ctx context.Context, c Client, refreshToken string) (Grant, error) {
	r, err := token.ParseRefresh(refreshToken)
	if err != nil {
		return Grant{}, err
	}
	if err := s.clock.issuing(); err != nil {
		return Grant{}, err
	}
	var (
		g      Grant
		answer error // an answer that is committed, unlike an error
	)
	err = s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, v, err := s.refreshed(ctx, tx, r)
		if err != nil {
			return err
		}
		switch {
		case r.Counter >= v.Counter:
			// Equal, as a rule. Greater when the database was restored from before
			// this token was made: it is ours, so it counts as the current one.
			from := v.Counter
			v.Superseded = append(s.recent(v, tx.Now), tmates.Supersession{Counter: r.Counter, At: tx.Now})
			v.Counter = r.Counter + 1
			if _, err := tx.RefreshSession(ctx, v, from); err != nil { // nobody else writes now
				return err
			}
			if err := s.record(ctx, tx, c, "refresh", u.ID, v.ID, ""); err != nil {
				return err
			}
		case r.Counter < v.Counter-1 && !slices.ContainsFunc(s.recent(v, tx.Now), func(x tmates.Supersession) bool { return x.Counter == r.Counter }):
			answer = errReuse
			if _, err := tx.DeleteSession(ctx, u.ID, v.ID); err != nil {
				return err
			}
			return s.record(ctx, tx, c, "reuse", u.ID, v.ID, "a refresh token was shown again: session ended")
		}
		g, err = s.grant(ctx, tx, u, v)
		return err
	})
	if answer != nil && err == nil {
		s.logins.drop(r.SessionID)
		return Grant{}, answer
	}
	if err == nil {
		s.logins.drop(r.SessionID) // so that inactivity is counted from now
	}
	return g, unavailable(err)
}

// refreshed returns the session of a refresh token and its user, once
// everything but the counter is checked.
func (s *Service) refreshed(ctx context.Context, tx *store.Tx, r token.Refresh) (u tmates.User, v tmates.Session, err error) {
	v, err = tx.Session(ctx, r.SessionID)
	if errors.Is(err, store.ErrNoSession) || err == nil && !s.secrets.Owns(r, v.Key) {
		return u, v, errNoRefresh
	}
	if err != nil {
		return u, v, err
	}
	if err := s.allowRefresh(v.ID); err != nil {
		return u, v, err
	}
	if u, err = tx.UserByID(ctx, v.UserID); err != nil {
		return u, v, err
	}
	if u.Banned(tx.Now) {
		return u, v, errBanned
	}
	if s.over(v, tx.Now) {
		return u, v, errExpired
	}
	return u, v, nil
}

// recent returns the supersessions still inside the window. The limit of
// refreshes per session bounds them.
func (s *Service) recent(v tmates.Session, now time.Time) []tmates.Supersession {
	return slices.DeleteFunc(slices.Clone(v.Superseded), func(x tmates.Supersession) bool {
		return now.Sub(x.At) >= s.policy.ReuseWindow
	})
}

// Logout ends sessions: "global" (or empty) all of the user, "local" the one of
// the token, "others" all but that one. It takes the token and not a [Login],
// because ending what has ended already is fine.
func (s *Service) Logout(ctx context.Context, c Client, bearer, scope string) error {
	if !slices.Contains([]string{"", "global", "local", "others"}, scope) {
		return errScope
	}
	a, err := s.proven(bearer, s.clock.checking())
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		v, err := tx.Session(ctx, a.SessionID)
		if errors.Is(err, store.ErrNoSession) || err == nil && v.UserID != a.UserID {
			return nil // a token whose session is gone must not end the others
		}
		if err != nil {
			return err
		}
		switch scope {
		case "local":
			_, err = tx.DeleteSession(ctx, a.UserID, a.SessionID)
		case "others":
			_, err = tx.DeleteSessions(ctx, a.UserID, a.SessionID)
		default:
			scope = "global"
			_, err = tx.DeleteSessions(ctx, a.UserID, "")
		}
		if err != nil {
			return err
		}
		return s.record(ctx, tx, c, "logout", a.UserID, a.SessionID, scope)
	})
	s.Forget(a.UserID)
	return unavailable(err)
}

// ErrNoSuchSession is what a session that ended and somebody else's answer alike.
var ErrNoSuchSession = tmates.E(tmates.NotFound, "session_unknown", nil, "Session not found")

// Sessions returns the user's logins that live, newest first.
func (s *Service) Sessions(ctx context.Context, userID string) (all []tmates.Session, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		all, err = tx.Sessions(ctx, userID, s.db.Now().Add(-s.policy.Inactivity))
		return err
	})
	return all, unavailable(err)
}

// EndSession ends one login of the user, or answers [ErrNoSuchSession].
func (s *Service) EndSession(ctx context.Context, c Client, userID, sessionID string) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		ended, err := tx.DeleteSession(ctx, userID, sessionID)
		if err == nil && !ended {
			err = ErrNoSuchSession
		}
		if err != nil {
			return err
		}
		return s.record(ctx, tx, c, "logout", userID, sessionID, "one")
	})
	s.Forget(userID)
	return unavailable(err)
}

// EndOtherSessions ends every login of the user but one.
func (s *Service) EndOtherSessions(ctx context.Context, c Client, userID, keepID string) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.DeleteSessions(ctx, userID, keepID); err != nil {
			return err
		}
		return s.record(ctx, tx, c, "logout", userID, keepID, "others")
	})
	s.Forget(userID)
	return unavailable(err)
}

// EndSessions ends every login of the user, as an operator does, and returns how
// many that were.
func (s *Service) EndSessions(ctx context.Context, c Client, userID string) (n int, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if n, err = tx.DeleteSessions(ctx, userID, ""); err != nil || n == 0 {
			return err
		}
		return s.record(ctx, tx, c, "logout", userID, "", "global")
	})
	s.Forget(userID)
	return n, unavailable(err)
}
