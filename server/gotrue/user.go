package gotrue

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/server/identity"
	"github.com/tmates/tmates/store/tmates"
)

const authenticated = "authenticated"

// userBody is a user. Times that never were are absent.
type userBody struct {
	ID               string         `json:"id"`
	Aud              string         `json:"aud"`
	Role             string         `json:"role"`
	Email            string         `json:"email"`
	EmailConfirmedAt time.Time      `json:"email_confirmed_at,omitzero"`
	Phone            string         `json:"phone"`
	ConfirmedAt      time.Time      `json:"confirmed_at,omitzero"`
	InvitedAt        time.Time      `json:"invited_at,omitzero"`
	LastSignInAt     time.Time      `json:"last_sign_in_at,omitzero"`
	BannedUntil      time.Time      `json:"banned_until,omitzero"`
	AppMetadata      map[string]any `json:"app_metadata"`
	UserMetadata     map[string]any `json:"user_metadata"`
	Identities       []identityBody `json:"identities"`
	CreatedAt        time.Time      `json:"created_at"`
	UpdatedAt        time.Time      `json:"updated_at"`
	IsAnonymous      bool           `json:"is_anonymous"`
}

type identityBody struct {
	IdentityID   string       `json:"identity_id"`
	ID           string       `json:"id"`
	UserID       string       `json:"user_id"`
	Data         identityData `json:"identity_data"`
	Provider     string       `json:"provider"`
	LastSignInAt time.Time    `json:"last_sign_in_at,omitzero"`
	CreatedAt    time.Time    `json:"created_at"`
	UpdatedAt    time.Time    `json:"updated_at"`
	Email        string       `json:"email"`
}

type identityData struct {
	Email         string `json:"email"`
	EmailVerified bool   `json:"email_verified"`
	PhoneVerified bool   `json:"phone_verified"`
	Sub           string `json:"sub"`
}

func userOf(u tmates.User, identities []tmates.Identity) userBody {
	out := userBody{
		ID: u.ID, Aud: authenticated, Role: authenticated, Email: u.Email,
		EmailConfirmedAt: u.ConfirmedAt, ConfirmedAt: u.ConfirmedAt, InvitedAt: u.InvitedAt,
		LastSignInAt: u.LastSignInAt, BannedUntil: u.BannedUntil,
		AppMetadata: object(u.AppMetadata), UserMetadata: object(u.Metadata), Identities: []identityBody{},
		CreatedAt: u.CreatedAt, UpdatedAt: u.UpdatedAt,
	}
	for _, i := range identities {
		out.Identities = append(out.Identities, identityBody{
			IdentityID: i.ID, ID: u.ID, UserID: u.ID, Provider: i.Provider, Email: i.Email,
			Data:         identityData{Email: i.Email, EmailVerified: !u.ConfirmedAt.IsZero(), Sub: u.ID},
			LastSignInAt: i.LastSignInAt, CreatedAt: i.CreatedAt, UpdatedAt: i.UpdatedAt,
		})
	}
	return out
}

// object is never null on the wire.
func object(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

// sessionBody is a session. Clients take it for one only when both tokens and
// expires_in are there.
type sessionBody struct {
	AccessToken  string   `json:"access_token"`
	TokenType    string   `json:"token_type"`
	ExpiresIn    int64    `json:"expires_in"`
	ExpiresAt    int64    `json:"expires_at"`
	RefreshToken string   `json:"refresh_token"`
	User         userBody `json:"user"`
}

// passwordSessionBody is what a password login answers.
type passwordSessionBody struct {
	sessionBody
	Weak *weakBody `json:"weak_password"`
}

func sessionOf(g identity.Grant) sessionBody {
	return sessionBody{
		AccessToken: g.AccessToken, TokenType: "bearer", ExpiresIn: int64(g.ExpiresIn / time.Second), ExpiresAt: g.ExpiresAt.Unix(),
		RefreshToken: g.RefreshToken, User: userOf(g.User, g.Identities),
	}
}

// Session is what a login answers, for other contracts that log in.
func Session(g identity.Grant) any { return sessionOf(g) }

// user serves GET /user.
func (a *API) user(c echo.Context) error {
	who, err := a.login(c)
	if err != nil {
		return err
	}
	account, err := a.use.Account(c.Request().Context(), who)
	if err != nil {
		return err
	}
	return writeJSON(c, http.StatusOK, userOf(account.User, account.Identities))
}

type updateBody struct {
	challenge
	Email           string          `json:"email"`
	Phone           string          `json:"phone"`
	Password        *string         `json:"password"`
	CurrentPassword string          `json:"current_password"`
	Nonce           string          `json:"nonce"`
	Data            map[string]any  `json:"data"`
	AppMetadata     json.RawMessage `json:"app_metadata"`
}

var errNotAdmin = tmates.E(tmates.Forbidden, "not_admin", nil, "app_metadata is set by the operator only")

// updateUser serves PUT /user.
func (a *API) updateUser(c echo.Context) error {
	who, err := a.login(c)
	if err != nil {
		return err
	}
	in, err := decode[updateBody](c)
	if err != nil {
		return err
	}
	switch {
	case len(in.AppMetadata) > 0 && string(in.AppMetadata) != "null":
		return errNotAdmin
	case in.Phone != "":
		return errPhone
	}
	if err := in.check(); err != nil {
		return err
	}
	account, err := a.use.UpdateUser(c.Request().Context(), client(c), who, identity.Update{
		Data: in.Data, Email: in.Email, Password: in.Password, CurrentPassword: in.CurrentPassword, Nonce: in.Nonce,
	})
	if err != nil {
		return err
	}
	return writeJSON(c, http.StatusOK, userOf(account.User, account.Identities))
}

// reauthenticate serves GET /reauthenticate.
func (a *API) reauthenticate(c echo.Context) error {
	who, err := a.login(c)
	if err != nil {
		return err
	}
	if err := a.use.Reauthenticate(c.Request().Context(), client(c), who); err != nil {
		return err
	}
	return writeJSON(c, http.StatusOK, empty{})
}
