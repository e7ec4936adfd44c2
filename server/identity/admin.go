package identity

import (
	"context"
	"errors"
	"maps"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/tmates/tmates/server/token"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// What follows is the operator's: the caller has shown the service key, see
// [Service.Admin], or sits at the machine. Addresses that are known are told.

// Admin proves that a bearer token is this server's service key. An anon key or
// the token of a person is the Forbidden not_admin.
func (s *Service) Admin(bearer string) error {
	if bearer == "" {
		return errNoBearer
	}
	switch s.secrets.Kind(bearer, s.clock.read()) {
	case token.KindService:
		return nil
	case token.KindNone:
		return token.ErrAccess
	}
	return errNotAdmin
}

// Change is what the operator sets of an account, new or old. Nil fields stay as
// they are.
type Change struct {
	Email        *string
	Password     *string
	PasswordHash *string // bcrypt, or argon2id as a PHC string; not together with Password
	Confirm      bool    // the address is the user's, on the operator's word
	Metadata     map[string]any
	AppMetadata  map[string]any // merged like Metadata: nil values delete; how the user logs in stays
	Ban          *string        // a duration as in "24h", which begins now, or "none"
}

// checked is a change that was found possible, and its slow parts done.
type checked struct {
	Change
	address string // empty: stays
	hash    string // empty: stays
	ban     time.Duration
}

// check does of a change what needs no account; known is the address the
// account has.
func (s *Service) check(ctx context.Context, in Change, known string) (c checked, err error) {
	c.Change = in
	if in.Email != nil {
		if c.address, err = Normalise(*in.Email); err != nil {
			return c, err
		}
		known = c.address
	}
	if in.Ban != nil {
		if c.ban, err = banFor(*in.Ban); err != nil {
			return c, err
		}
	}
	if in.PasswordHash != nil {
		switch {
		case in.Password != nil:
			return c, tmates.E(tmates.Invalid, "validation_failed", nil, "password and password_hash cannot be set together")
		case !validHash(*in.PasswordHash):
			return c, tmates.E(tmates.Invalid, "validation_failed", nil, "password_hash must be bcrypt of cost %d or less, or argon2id in PHC form", maxBcrypt)
		}
		c.hash = *in.PasswordHash
	}
	c.AppMetadata = maps.Clone(in.AppMetadata)
	for _, key := range []string{"provider", "providers"} { // clients send back what they read
		delete(c.AppMetadata, key)
	}
	if in.Password != nil {
		if err := s.fits(*in.Password, known); err != nil {
			return c, err
		}
		err = s.hashes.do(ctx, func() error { c.hash = hashPassword(*in.Password); return nil })
	}
	return c, unavailable(err)
}

// banFor reads how long a ban lasts; none is zero.
func banFor(text string) (time.Duration, error) {
	if text == "none" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, tmates.E(tmates.Invalid, "validation_failed", nil, `ban_duration must be a duration, as in "24h", or "none"`)
	}
	return d, nil
}

// apply lays the change over an account, but for its address, and measures what
// comes out.
func (s *Service) apply(u tmates.User, c checked, now time.Time) (_ tmates.User, err error) {
	if u.Metadata == nil {
		u.Metadata = map[string]any{}
	}
	if u.AppMetadata == nil {
		u.AppMetadata = map[string]any{}
	}
	merge(u.Metadata, c.Metadata)
	merge(u.AppMetadata, c.AppMetadata)
	if c.hash != "" {
		u.PasswordHash = c.hash
	}
	if c.Confirm && u.ConfirmedAt.IsZero() {
		u.ConfirmedAt = now
		u.Metadata["email_verified"] = true
	}
	if c.Ban != nil {
		u.BannedUntil = time.Time{}
		if c.ban > 0 {
			u.BannedUntil = now.Add(c.ban)
		}
	}
	if c.Metadata != nil { // what is too large already does not stand in the way of a ban
		err = s.fitsToken("User", u.Metadata)
	}
	if c.AppMetadata != nil {
		err = errors.Join(err, s.fitsToken("App", u.AppMetadata))
	}
	return u, err
}

// says names what a change touches, for the record.
func (c checked) says() string {
	var what []string
	for _, part := range []struct {
		name string
		set  bool
	}{
		{"email", c.address != ""}, {"password", c.hash != ""}, {"confirmed", c.Confirm}, {"ban", c.Ban != nil},
		{"user_metadata", c.Metadata != nil}, {"app_metadata", c.AppMetadata != nil},
	} {
		if part.set {
			what = append(what, part.name)
		}
	}
	return strings.Join(what, " ")
}

// ParseID returns the one spelling of a user's id, and whether text is an id at
// all: a UUID with hyphens.
func ParseID(text string) (id string, ok bool) {
	parsed, err := uuid.Parse(text)
	return parsed.String(), err == nil && len(text) == len(parsed.String()) && parsed != uuid.Nil
}

// CreateUser makes an account as the operator wants it, under id unless that is
// empty, and gives it its place. A taken address is the Conflict email_exists, a
// taken id user_already_exists.
func (s *Service) CreateUser(ctx context.Context, c Client, id string, in Change) (a Account, err error) {
	if in.Email == nil {
		return a, tmates.E(tmates.Invalid, "validation_failed", nil, "An e-mail address is needed")
	}
	if id != "" {
		var ok bool
		if id, ok = ParseID(id); !ok {
			return a, tmates.E(tmates.Invalid, "validation_failed", nil, "id must be a UUID")
		}
	}
	if in.Password != nil && *in.Password == "" { // the user logs in with codes
		in.Password = nil
	}
	made, err := s.check(ctx, in, "")
	if err != nil {
		return a, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if id != "" {
			if _, err := tx.UserByID(ctx, id); !errors.Is(err, store.ErrNoUser) {
				if err == nil {
					err = errIDExists
				}
				return err
			}
		}
		u, err := s.apply(tmates.User{ID: id, Email: made.address}, made, tx.Now)
		if err != nil {
			return err
		}
		if a.User, err = s.create(ctx, tx, c, u); err != nil {
			return err
		}
		a.Identities, err = tx.Identities(ctx, a.User.ID)
		return err
	})
	if err != nil {
		return Account{}, unavailable(err)
	}
	return a, nil
}

// User returns any account, or the NotFound user_not_found.
func (s *Service) User(ctx context.Context, id string) (a Account, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		if a.User, err = tx.UserByID(ctx, id); err != nil {
			return err
		}
		a.Identities, err = tx.Identities(ctx, id)
		return err
	})
	return a, unavailable(err)
}

// UsersPage returns the accounts whose address contains filter, newest first,
// and how many those are in all. page counts from 1.
func (s *Service) UsersPage(ctx context.Context, filter string, page, perPage int) (all []Account, total int, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		var users []tmates.User
		users, total, err = tx.UsersPage(ctx, strings.ToLower(strings.TrimSpace(filter)), perPage, (page-1)*perPage)
		if err != nil {
			return err
		}
		for _, u := range users {
			a := Account{User: u}
			if a.Identities, err = tx.Identities(ctx, u.ID); err != nil {
				return err
			}
			all = append(all, a)
		}
		return nil
	})
	return all, total, unavailable(err)
}

// ChangeUser changes any account and returns it. A password and a ban end every
// session of the user at once, and with a new address they end every pending
// code and one-time link. The user is told of a password and of an address.
func (s *Service) ChangeUser(ctx context.Context, c Client, id string, in Change) (a Account, err error) {
	if a, err = s.User(ctx, id); err != nil {
		return Account{}, err
	}
	change, err := s.check(ctx, in, a.User.Email)
	if err != nil {
		return Account{}, err
	}
	var letters []letter
	err = s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		before, err := tx.UserByID(ctx, id)
		if err != nil {
			return err
		}
		if a, err = s.changeUser(ctx, tx, c, before, change); err != nil {
			return err
		}
		if a.User.Email != before.Email {
			letters = append(letters, s.movedLetter(before, tx.Now))
		}
		if change.hash != "" {
			letters = append(letters, s.passwordLetter(a.User, tx.Now))
		}
		return nil
	})
	s.Forget(id)
	if err != nil {
		return Account{}, unavailable(err)
	}
	for _, l := range letters {
		s.post(ctx, l)
	}
	return a, nil
}

// changeUser keeps a change of an account and ends what it ends.
func (s *Service) changeUser(ctx context.Context, tx *store.Tx, c Client, u tmates.User, change checked) (a Account, err error) {
	moved := change.address != "" && change.address != u.Email
	if moved {
		if err := tx.MoveUser(ctx, u.ID, provider, change.address); err != nil {
			return a, err
		}
		u.Email = change.address
	}
	if what := change.says(); what != "" {
		if u, err = s.apply(u, change, tx.Now); err != nil {
			return a, err
		}
		if u, err = tx.UpdateUser(ctx, u); err != nil {
			return a, err
		}
		if err := s.record(ctx, tx, c, "user_changed", u.ID, "", what); err != nil {
			return a, err
		}
	}
	out := change.hash != "" || change.ban > 0
	if out {
		if _, err := tx.DeleteSessions(ctx, u.ID, ""); err != nil {
			return a, err
		}
	}
	if out || moved {
		if err := tx.DeleteCodes(ctx, u.ID); err != nil {
			return a, err
		}
		if err := tx.DeletePasses(ctx, u.ID); err != nil {
			return a, err
		}
	}
	if change.Ban != nil {
		event := "user_unbanned"
		if change.ban > 0 {
			event = "user_banned"
		}
		if err := s.record(ctx, tx, c, event, u.ID, "", *change.Ban); err != nil {
			return a, err
		}
	}
	a.User = u
	a.Identities, err = tx.Identities(ctx, u.ID)
	return a, err
}

// userDeleted is the record that a deletion leaves; [Service.Deleted] reads it.
const userDeleted = "user_deleted"

// DeleteUser removes an account with everything that is the user's alone, and
// ends its sessions and work at once. Nothing brings it back.
func (s *Service) DeleteUser(ctx context.Context, c Client, id string) error {
	return s.deleteUser(ctx, c, id, "", func(context.Context, *store.Tx) error { return nil })
}

// DeleteMember is DeleteUser on the word of another user; may tells in the same
// Write whether that one may.
func (s *Service) DeleteMember(ctx context.Context, c Client, byID, id string, may func(context.Context, *store.Tx) error) error {
	return s.deleteUser(ctx, c, id, "by "+byID, may)
}

func (s *Service) deleteUser(ctx context.Context, c Client, id, detail string, may func(context.Context, *store.Tx) error) error {
	ctx = context.WithoutCancel(ctx) // a large account takes its time, and nobody is helped by half a wait
	ended := func() {}
	err := s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := may(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.UserByID(ctx, id); err != nil {
			return err
		}
		if s.depart != nil {
			var err error
			if ended, err = s.depart(ctx, tx, id); err != nil {
				return err
			}
		}
		if _, err := tx.DeleteSessions(ctx, id, ""); err != nil {
			return err
		}
		if err := tx.DeleteUser(ctx, id); err != nil {
			return err
		}
		return s.record(ctx, tx, c, userDeleted, id, "", detail)
	})
	s.Forget(id)
	if err != nil {
		return unavailable(err)
	}
	ended()
	if s.deleteFiles == nil {
		return nil
	}
	if err := s.deleteFiles(ctx, id); err != nil {
		s.log.Error("files of a deleted account are left: the next start removes them", "user", id, "err", err)
	}
	return nil
}

// Deleted returns those of the user ids whose account was deleted here. An
// account that is merely unknown is not among them: its files may belong to a
// database that comes back.
func (s *Service) Deleted(ctx context.Context, ids []string) (gone []string, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, id := range ids {
			if _, err := tx.UserByID(ctx, id); !errors.Is(err, store.ErrNoUser) {
				if err != nil {
					return err
				}
				continue
			}
			at, err := tx.AuditTime(ctx, id, userDeleted, 1)
			if err != nil {
				return err
			}
			if !at.IsZero() {
				gone = append(gone, id)
			}
		}
		return nil
	})
	return gone, err
}

// UserByEmail returns the account with an address, or the NotFound
// user_not_found.
func (s *Service) UserByEmail(ctx context.Context, email string) (u tmates.User, err error) {
	address, err := Normalise(email)
	if err != nil {
		return u, err
	}
	err = s.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err = tx.UserByEmail(ctx, address)
		return err
	})
	return u, unavailable(err)
}
