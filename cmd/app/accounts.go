package app

import (
	"context"
	"time"

	"github.com/tmates/tmates/server/control"
	"github.com/tmates/tmates/server/identity"
	"github.com/tmates/tmates/server/team"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// accounts shows the identity room's use-cases to the operator's commands.
type accounts struct {
	identity *identity.Service
	team     *team.Team
	db       *store.DB
	public   string // how people reach the server
}

// AddUser makes an account.
func (a accounts) AddUser(ctx context.Context, in control.AddUser) (control.User, error) {
	u, err := a.identity.AddUser(ctx, identity.NewUser{
		Email: in.Email, Name: in.Name, Password: in.Password, Role: in.Role, OwnWorkspace: in.Own,
	})
	if err != nil {
		return control.User{}, err
	}
	return a.withRole(ctx, u)
}

// SetRole changes the role of an account in its organisation.
func (a accounts) SetRole(ctx context.Context, in control.UserRole) (out control.User, err error) {
	if !in.Role.Valid() {
		return out, tmates.E(tmates.Invalid, "validation_failed", nil, "The role must be owner, admin or member")
	}
	address, err := identity.Normalise(in.Email)
	if err != nil {
		return out, err
	}
	var u tmates.User
	err = a.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err = tx.UserByEmail(ctx, address)
		return err
	})
	if err != nil {
		return out, err
	}
	if err := a.team.AssignRole(ctx, u.ID, in.Role); err != nil {
		return out, err
	}
	return a.withRole(ctx, u)
}

// Users lists every account.
func (a accounts) Users(ctx context.Context) ([]control.User, error) {
	all, err := a.identity.Users(ctx)
	if err != nil {
		return nil, err
	}
	return a.withRoles(ctx, all)
}

// Code returns a login code that works now.
func (a accounts) Code(ctx context.Context, email string) (control.Code, error) {
	code, expires, err := a.identity.IssueCode(ctx, email)
	return control.Code{Email: email, Code: code, Expires: expires}, err
}

// ClaimLink returns a one-time link for a browser; see [identity.Service.IssuePass].
func (a accounts) ClaimLink(ctx context.Context, email string) (control.Link, error) {
	p, err := a.identity.IssuePass(ctx, email)
	if err != nil {
		return control.Link{}, err
	}
	return control.Link{URL: claimLink(a.public, p), Expires: p.Expires}, nil
}

// Login lets a command talk for an account.
func (a accounts) Login(ctx context.Context, email string) (control.Login, error) {
	g, err := a.identity.Enter(ctx, email)
	return control.Login{UserID: g.User.ID, Token: g.AccessToken}, err
}

// RemoveUser deletes an account and everything that is its user's alone.
func (a accounts) RemoveUser(ctx context.Context, email string) (control.Email, error) {
	u, err := a.identity.UserByEmail(ctx, email)
	if err != nil {
		return control.Email{}, err
	}
	return control.Email{Email: u.Email}, a.identity.DeleteUser(ctx, identity.Client{}, u.ID)
}

// BanUser suspends an account for a time, or with "none" no longer.
func (a accounts) BanUser(ctx context.Context, in control.Ban) (control.Ban, error) {
	u, err := a.identity.UserByEmail(ctx, in.Email)
	if err != nil {
		return in, err
	}
	in.Email = u.Email
	_, err = a.identity.ChangeUser(ctx, identity.Client{}, u.ID, identity.Change{Ban: &in.For})
	return in, err
}

// SetPassword gives an account a password and ends its logins. It obeys the same
// rules as one its owner chooses.
func (a accounts) SetPassword(ctx context.Context, in control.NewPassword) (control.Email, error) {
	u, err := a.identity.UserByEmail(ctx, in.Email)
	if err != nil {
		return control.Email{}, err
	}
	_, err = a.identity.ChangeUser(ctx, identity.Client{}, u.ID, identity.Change{Password: &in.Password})
	return control.Email{Email: u.Email}, err
}

// Sessions lists the logins of an account that live, newest first.
func (a accounts) Sessions(ctx context.Context, email string) ([]control.Session, error) {
	u, err := a.identity.UserByEmail(ctx, email)
	if err != nil {
		return nil, err
	}
	all, err := a.identity.Sessions(ctx, u.ID)
	out := make([]control.Session, 0, len(all))
	for _, v := range all {
		out = append(out, control.Session{
			ID: v.ID, Device: v.UserAgent, Address: v.IP, CreatedAt: v.CreatedAt.Truncate(time.Second), SeenAt: v.RefreshedAt.Truncate(time.Second),
		})
	}
	return out, err
}

// EndSessions ends one login of an account or all of them.
func (a accounts) EndSessions(ctx context.Context, in control.EndSessions) (out control.Ended, err error) {
	u, err := a.identity.UserByEmail(ctx, in.Email)
	if err != nil {
		return out, err
	}
	out = control.Ended{Email: u.Email, Ended: 1}
	if in.Session != "" {
		return out, a.identity.EndSession(ctx, identity.Client{}, u.ID, in.Session)
	}
	out.Ended, err = a.identity.EndSessions(ctx, identity.Client{}, u.ID)
	return out, err
}

// tidyFiles mends what an earlier process left of the files when it ended. There
// may be very many, so the server does not wait for it to answer. What fails
// keeps nobody from working and is tried again by the next start.
func (r *rooms) tidyFiles(ctx context.Context) {
	for _, tidy := range []func(context.Context) error{r.files.Sweep, r.team.IndexFiles} {
		if err := tidy(ctx); err != nil && ctx.Err() == nil {
			r.log.Error("files could not be tidied", "err", err)
		}
	}
	r.log.Debug("files are tidy")
}

// sweepDeleted removes the files of accounts that were deleted when the process
// ended before it had removed them.
func (r *rooms) sweepDeleted(ctx context.Context) error {
	ids, err := r.files.Users(ctx)
	if err != nil || len(ids) == 0 {
		return err
	}
	gone, err := r.identity.Deleted(ctx, ids)
	if err != nil {
		return err
	}
	for _, id := range gone {
		if err := r.files.DeleteUser(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (a accounts) withRole(ctx context.Context, u tmates.User) (control.User, error) {
	users, err := a.withRoles(ctx, []tmates.User{u})
	if err != nil {
		return control.User{}, err
	}
	return users[0], nil
}

func (a accounts) withRoles(ctx context.Context, users []tmates.User) (out []control.User, err error) {
	out = make([]control.User, 0, len(users))
	err = a.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, u := range users {
			org, role, _, err := tx.Membership(ctx, u.ID)
			if err != nil {
				return err
			}
			shown := control.User{ID: u.ID, Email: u.Email, Name: u.DisplayName(), Role: role, CreatedAt: u.CreatedAt, Workspace: org.Name, Own: org.Own}
			if at := u.LastSignInAt; !at.IsZero() {
				at = at.Truncate(time.Second)
				shown.LastLogin = &at
			}
			out = append(out, shown)
		}
		return nil
	})
	return out, err
}
