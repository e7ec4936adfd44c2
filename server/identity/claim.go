package identity

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/tmates/tmates/server/token"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// How long one-time links live: one that opens the server or logs in on the
// operator's word, and one that invites.
const (
	claimLife  = 30 * time.Minute
	inviteLife = 7 * 24 * time.Hour
)

// Pass is a one-time link's token, shown once and kept by nobody.
type Pass struct {
	Token   string
	Expires time.Time
}

// firstPass is the token that was made when the server started. Only its hash
// is held, and only in memory: the next start makes another one.
type firstPass struct {
	mu      sync.Mutex
	hash    string // empty: there is none
	expires time.Time
}

func (f *firstPass) matches(raw string, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.hash != "" && token.IsPass(raw, f.hash) && now.Before(f.expires)
}

func (f *firstPass) set(hash string, expires time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hash, f.expires = hash, expires
}

// FirstPass makes the pass with which the first account of this server is
// claimed, in the place of the one it returned before. It is forgotten when the
// process ends.
func (s *Service) FirstPass() Pass {
	raw, hash := token.NewPass()
	expires := s.db.Now().Add(claimLife)
	s.first.set(hash, expires)
	return Pass{raw, expires}
}

// IssuePass makes a pass that lives for half an hour: it logs the account of an
// address in, or with an empty address makes the first account, and is the
// Conflict already_claimed when there is one.
func (s *Service) IssuePass(ctx context.Context, email string) (p Pass, err error) {
	address := ""
	if email != "" {
		if address, err = Normalise(email); err != nil {
			return p, err
		}
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if address == "" {
			if claimed, err := tx.Claimed(ctx); err != nil || claimed {
				return cmp.Or(err, errClaimed)
			}
			p, err = s.addPass(ctx, tx, "", claimLife)
			return err
		}
		u, err := tx.UserByEmail(ctx, address)
		if err != nil {
			return err
		}
		if p, err = s.addPass(ctx, tx, u.ID, claimLife); err != nil {
			return err
		}
		return s.record(ctx, tx, Client{}, "link_made", u.ID, "", "claim")
	})
	return p, err
}

// addPass keeps a new pass.
func (s *Service) addPass(ctx context.Context, tx *store.Tx, userID string, life time.Duration) (Pass, error) {
	raw, hash := token.NewPass()
	p := Pass{raw, tx.Now.Add(life)}
	return p, tx.AddPass(ctx, tmates.Pass{Hash: hash, UserID: userID, ExpiresAt: p.Expires})
}

// Claim is what a person brings to a one-time link.
type Claim struct {
	Token    string
	Email    string // of the first account; for another link it may be empty, or must be the account's
	Name     string // empty: stays
	Password string // empty: stays, and a new account logs in with codes
}

// Claim exchanges the token of a one-time link for a session, and makes the
// first account if the link is for that. Whatever is wrong with a link answers
// claim_refused; what is wrong with the rest spends no link.
func (s *Service) Claim(ctx context.Context, c Client, in Claim) (g Grant, err error) {
	if err := s.allow(limitGuesses, c); err != nil {
		return g, err
	}
	if err := s.clock.issuing(); err != nil {
		return g, err
	}
	var u tmates.User
	err = s.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err = s.claimed(ctx, tx, in)
		return err
	})
	if err != nil {
		return g, unavailable(err)
	}
	hash := ""
	if in.Password != "" { // hashed for nobody without a good link
		if err := s.fits(in.Password, u.Email); err != nil {
			return g, err
		}
		if err := s.hashes.do(ctx, func() error { hash = hashPassword(in.Password); return nil }); err != nil {
			return g, unavailable(err)
		}
	}
	var l letter
	err = s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if u, err = s.claimed(ctx, tx, in); err != nil { // of two at once the later one fails here
			return err
		}
		g, l, err = s.redeemPass(ctx, tx, c, u, hash, in.Name)
		return err
	})
	if err != nil {
		return Grant{}, unavailable(err)
	}
	s.first.set("", time.Time{}) // any account there is ends it
	s.Forget(g.User.ID)
	s.post(ctx, l)
	return g, nil
}

// claimed returns the account a link logs in. It has no id when the link makes
// the first one.
func (s *Service) claimed(ctx context.Context, tx *store.Tx, in Claim) (u tmates.User, err error) {
	p, found, err := tx.Pass(ctx, token.HashPass(in.Token))
	if err != nil {
		return u, err
	}
	if !found && !s.first.matches(in.Token, s.db.Now()) {
		return u, errClaim
	}
	if p.UserID == "" {
		if claimed, err := tx.Claimed(ctx); err != nil || claimed {
			return u, cmp.Or(err, errClaim)
		}
		u.Email, err = Normalise(in.Email)
		return u, err
	}
	if u, err = tx.UserByID(ctx, p.UserID); err != nil {
		return u, err
	}
	if u.Banned(s.db.Now()) {
		return u, errClaim
	}
	if in.Email != "" {
		if address, err := Normalise(in.Email); err != nil || address != u.Email {
			return u, errClaim
		}
	}
	return u, nil
}

// redeemPass logs an account in, which it makes when that has no id yet. That
// spends every link to it.
func (s *Service) redeemPass(ctx context.Context, tx *store.Tx, c Client, u tmates.User, hash, name string) (g Grant, l letter, err error) {
	fresh, confirmed := u.ID == "", !u.ConfirmedAt.IsZero()
	if u.Metadata == nil {
		u.Metadata = map[string]any{}
	}
	u = confirm(u, purposeLogin, tx.Now)
	if name = strings.TrimSpace(name); name != "" {
		u.Metadata["full_name"] = name
	}
	if err := s.metadataFits(u.Metadata); err != nil {
		return g, l, err
	}
	if hash != "" {
		u.PasswordHash = hash
	}
	switch {
	case fresh:
		if err := tx.DeletePasses(ctx, ""); err != nil {
			return g, l, err
		}
		if u, err = s.createIn(ctx, tx, c, u, tmates.RoleOwner, s.provision); err != nil {
			return g, l, err
		}
	case hash != "":
		if err := s.passwordChanged(ctx, tx, c, Login{User: u}); err != nil {
			return g, l, err
		}
		if confirmed {
			l = s.passwordLetter(u, tx.Now)
		}
	}
	if err := s.record(ctx, tx, c, "claimed", u.ID, "", ""); err != nil {
		return g, l, err
	}
	g, err = s.open(ctx, tx, c, u, "otp")
	return g, l, err
}

// Invitation brings somebody into a place that others decide about. Both run
// in the Write that makes the account.
type Invitation struct {
	ByID        string // who invites
	Email, Name string
	May         func(ctx context.Context, tx *store.Tx) error
	// Place gives the account its place; known says that it was there before and
	// nobody has logged in to it.
	Place func(ctx context.Context, tx *store.Tx, u tmates.User, known bool) error
}

// InviteMember makes an account and a link that logs it in, which lives for
// seven days. Doing it again while nobody has used the account makes another
// link and spends those before; after that it is the Conflict email_exists.
func (s *Service) InviteMember(ctx context.Context, c Client, in Invitation) (p Pass, err error) {
	u := tmates.User{Metadata: map[string]any{}}
	if u.Email, err = Normalise(in.Email); err != nil {
		return p, err
	}
	if name := strings.TrimSpace(in.Name); name != "" {
		u.Metadata["full_name"] = name
	}
	if err := s.metadataFits(u.Metadata); err != nil {
		return p, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := in.May(ctx, tx); err != nil {
			return err
		}
		known, err := tx.UserByEmail(ctx, u.Email)
		switch {
		case errors.Is(err, store.ErrNoUser):
			u.InvitedAt = tx.Now
			if u, err = s.createIn(ctx, tx, c, u, "", nil); err != nil {
				return err
			}
			err = in.Place(ctx, tx, u, false)
		case err == nil && known.LastSignInAt.IsZero():
			u = known
			if err = in.Place(ctx, tx, u, true); errors.Is(err, store.ErrNoMember) {
				err = errTaken
			}
		case err == nil:
			err = errTaken
		}
		if err != nil {
			return err
		}
		if err := tx.DeletePasses(ctx, u.ID); err != nil {
			return err
		}
		if p, err = s.addPass(ctx, tx, u.ID, inviteLife); err != nil {
			return err
		}
		return s.record(ctx, tx, c, "user_invited", u.ID, "", "by "+in.ByID)
	})
	return p, unavailable(err)
}

// Claimed reports whether this server has an account.
func (s *Service) Claimed(ctx context.Context) (claimed bool, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		claimed, err = tx.Claimed(ctx)
		return err
	})
	return claimed, unavailable(err)
}
