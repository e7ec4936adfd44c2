package identity

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// provider is the only way to prove an identity: a code to an address, or the
// password of its account.
const provider = "email"

// Account is a user with the identities, as the database has them now.
type Account struct {
	User       tmates.User
	Identities []tmates.Identity
}

// provision is [Options].Provision.
type provision func(ctx context.Context, tx *store.Tx, u tmates.User, role tmates.Role) error

// create keeps a new account with its identity and its place, under a fresh id
// when it has none. The address is normalised and the metadata measured already.
func (s *Service) create(ctx context.Context, tx *store.Tx, c Client, u tmates.User) (tmates.User, error) {
	return s.createIn(ctx, tx, c, u, "", s.provision)
}

// createIn is create with the place to give; nil gives none.
func (s *Service) createIn(ctx context.Context, tx *store.Tx, c Client, u tmates.User, role tmates.Role, place provision) (tmates.User, error) {
	if u.ID == "" {
		u.ID = tx.NewID()
	}
	app := map[string]any{"provider": provider, "providers": []any{provider}}
	merge(app, u.AppMetadata)
	u.AppMetadata = app
	if u.Metadata == nil {
		u.Metadata = map[string]any{}
	}
	if !u.ConfirmedAt.IsZero() {
		u.Metadata["email_verified"] = true
	}
	u, err := tx.AddUser(ctx, u)
	if err != nil {
		return u, err
	}
	if err := tx.AddIdentity(ctx, tmates.Identity{ID: tx.NewID(), UserID: u.ID, Provider: provider, Email: u.Email}); err != nil {
		return u, err
	}
	if err := s.record(ctx, tx, c, "user_created", u.ID, "", string(role)); err != nil || place == nil {
		return u, err
	}
	return u, place(ctx, tx, u, role)
}

// metadataFits measures user_metadata as it rides in tokens.
func (s *Service) metadataFits(data map[string]any) error { return s.fitsToken("User", data) }

func (s *Service) fitsToken(whose string, data map[string]any) error {
	b, err := json.Marshal(data)
	if err != nil || len(b) > s.policy.Metadata {
		return tmates.E(tmates.Invalid, "validation_failed", err, "%s metadata may have at most %d bytes", whose, s.policy.Metadata)
	}
	return nil
}

// NewUser is an account the operator makes.
type NewUser struct {
	Email    string
	Name     string // shown to others; may be empty
	Password string // empty: the user logs in with codes
	Role     tmates.Role
	// OwnWorkspace gives the account an organisation of its own instead of a
	// place in the instance's. The role is owner then, or left empty.
	OwnWorkspace bool
}

// AddUser makes an account on the operator's word: confirmed at once, whether
// sign-ups are open or not. A taken address is the Conflict email_exists.
func (s *Service) AddUser(ctx context.Context, n NewUser) (tmates.User, error) {
	u := tmates.User{Metadata: map[string]any{}}
	var err error
	if u.Email, err = Normalise(n.Email); err != nil {
		return u, err
	}
	if n.Role != "" && !n.Role.Valid() {
		return u, tmates.E(tmates.Invalid, "validation_failed", nil, "The role must be owner, admin or member")
	}
	place := s.provision
	if n.OwnWorkspace {
		if n.Role != "" && n.Role != tmates.RoleOwner {
			return u, tmates.E(tmates.Invalid, "validation_failed", nil, "The role in a workspace of one's own is owner")
		}
		place = func(ctx context.Context, tx *store.Tx, u tmates.User, _ tmates.Role) error {
			return s.found(ctx, tx, u)
		}
	}
	if name := strings.TrimSpace(n.Name); name != "" {
		u.Metadata["full_name"] = name
	}
	if err := s.metadataFits(u.Metadata); err != nil {
		return u, err
	}
	if n.Password != "" {
		if err := s.fits(n.Password, u.Email); err != nil {
			return u, err
		}
		if err := s.hashes.do(ctx, func() error { u.PasswordHash = hashPassword(n.Password); return nil }); err != nil {
			return u, unavailable(err)
		}
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		u.ConfirmedAt = tx.Now
		u, err = s.createIn(ctx, tx, Client{}, u, n.Role, place)
		return err
	})
	return u, err
}

// usersPage is how many accounts are read at once.
const usersPage = 200

// Users returns every account, in the order of the addresses, for the operator.
func (s *Service) Users(ctx context.Context) (all []tmates.User, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		for after := ""; ; {
			page, err := tx.Users(ctx, after, usersPage)
			if err != nil {
				return err
			}
			all = append(all, page...)
			if len(page) < usersPage {
				return nil
			}
			after = page[len(page)-1].Email
		}
	})
	return all, err
}

// Account returns the caller's account as it is now, not as it was cached.
func (s *Service) Account(ctx context.Context, who Login) (a Account, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		if a.User, err = s.reread(ctx, tx, who); err != nil {
			return err
		}
		a.Identities, err = tx.Identities(ctx, a.User.ID)
		return err
	})
	return a, unavailable(err)
}

// Update is what a user changes of the own account.
type Update struct {
	Data            map[string]any // merged into user_metadata; nil values delete
	Email           string         // only the present address is accepted; empty: no change
	Password        *string
	CurrentPassword string // proves an old login again; see Policy.FreshLogin
	Nonce           string // the same, by a code from Reauthenticate
}

// UpdateUser changes the caller's account and returns it. A new password ends
// every other session and every pending code of the user. Addresses are changed
// by the operator.
func (s *Service) UpdateUser(ctx context.Context, c Client, who Login, up Update) (a Account, err error) {
	if up.Email != "" {
		address, err := Normalise(up.Email)
		if err != nil {
			return a, err
		}
		if address != who.User.Email {
			return a, errEmailChange
		}
	}
	hash := ""
	if up.Password != nil {
		if hash, err = s.newHash(ctx, c, who, up); err != nil {
			return a, unavailable(err)
		}
	}
	var l letter
	err = s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if a.User, err = s.reread(ctx, tx, who); err != nil {
			return err
		}
		if len(up.Data) > 0 || hash != "" {
			merge(a.User.Metadata, up.Data)
			if err := s.metadataFits(a.User.Metadata); err != nil {
				return err
			}
			if hash != "" {
				a.User.PasswordHash = hash
				if err := s.passwordChanged(ctx, tx, c, who); err != nil {
					return err
				}
				l = s.passwordLetter(a.User, tx.Now)
			}
			if a.User, err = tx.UpdateUser(ctx, a.User); err != nil {
				return err
			}
		}
		a.Identities, err = tx.Identities(ctx, a.User.ID)
		return err
	})
	s.Forget(who.User.ID)
	if err != nil {
		return Account{}, unavailable(err)
	}
	s.post(ctx, l)
	return a, nil
}

// merge lays data over metadata, key by key; nil deletes a key.
func merge(metadata, data map[string]any) {
	for k, v := range data {
		if v == nil {
			delete(metadata, k)
		} else {
			metadata[k] = v
		}
	}
}

// SignUpRequest is what a stranger brings for an account.
type SignUpRequest struct {
	Email    string
	Password string
	Data     map[string]any // user_metadata
}

// SignedUp is the answer to a sign-up: a session at once, or an account that
// waits for its code.
type SignedUp struct {
	Account
	Grant  *Grant // nil while the address has to be confirmed
	MadeUp bool   // the address was known already, and Account is invented to hide that
}

// SignUp makes a stranger an account, when sign-ups are open. With confirmation
// on, a known address is answered with an invented account. A second sign-up
// for an address nobody confirmed forgets the first one's password: neither
// proved anything, and a login by code works for the true owner.
func (s *Service) SignUp(ctx context.Context, c Client, r SignUpRequest) (out SignedUp, err error) {
	if err := s.allow(limitCodes, c); err != nil {
		return out, err
	}
	if !s.signUp {
		return out, errClosed
	}
	address, err := Normalise(r.Email)
	if err != nil {
		return out, err
	}
	if r.Password == "" {
		return out, tmates.E(tmates.Invalid, "validation_failed", nil, "A password is needed to sign up")
	}
	if err := errors.Join(s.metadataFits(r.Data), s.fits(r.Password, address)); err != nil {
		return out, err
	}
	if err := s.clock.issuing(); err != nil {
		return out, err
	}
	hash := ""
	if err := s.hashes.do(ctx, func() error { hash = hashPassword(r.Password); return nil }); err != nil {
		return out, unavailable(err)
	}
	var l letter
	err = s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		known, err := tx.UserByEmail(ctx, address)
		switch {
		case errors.Is(err, store.ErrNoUser):
			out, l, err = s.signUpNew(ctx, tx, c, tmates.User{Email: address, PasswordHash: hash, Metadata: r.Data})
			return err
		case err != nil:
			return err
		case !s.confirmEmail:
			return errExists
		}
		out.Account, out.MadeUp = Account{User: tmates.User{
			ID: tx.NewID(), Email: address, Metadata: r.Data, CreatedAt: tx.Now, UpdatedAt: tx.Now,
			AppMetadata: map[string]any{"provider": provider, "providers": []any{provider}},
		}}, true
		if !known.ConfirmedAt.IsZero() {
			return s.decoy(ctx, tx, c, address)
		}
		known.PasswordHash = ""
		if known, err = tx.UpdateUser(ctx, known); err != nil {
			return err
		}
		l, err = s.request(ctx, tx, c, known, purposeSignup)
		return err
	})
	if err != nil {
		return SignedUp{}, unavailable(err)
	}
	s.post(ctx, l)
	return out, nil
}

// signUpNew makes the account, and the session or the letter that comes with
// it.
func (s *Service) signUpNew(ctx context.Context, tx *store.Tx, c Client, u tmates.User) (out SignedUp, l letter, err error) {
	if !s.confirmEmail {
		u.ConfirmedAt = tx.Now
	}
	if u, err = s.create(ctx, tx, c, u); err != nil {
		return out, l, err
	}
	if s.confirmEmail {
		out.User = u
		if out.Identities, err = tx.Identities(ctx, u.ID); err != nil {
			return out, l, err
		}
		l, err = s.request(ctx, tx, c, u, purposeSignup)
		return out, l, err
	}
	g, err := s.open(ctx, tx, c, u, "password")
	out.Account, out.Grant = Account{User: g.User, Identities: g.Identities}, &g
	return out, l, err
}
