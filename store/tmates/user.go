package tmates

import (
	"strings"
	"time"
	"unicode"
)

// User is a person with an account. A zero time means "never".
type User struct {
	ID           string
	Email        string         // lower case
	PasswordHash string         // PHC string; empty when the user has no password
	Metadata     map[string]any // user_metadata: the client writes it, no decision reads it
	AppMetadata  map[string]any // app_metadata: only operators write it
	ConfirmedAt  time.Time
	InvitedAt    time.Time // by the operator
	LastSignInAt time.Time
	BannedUntil  time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// Banned reports whether the user may not use the server at the time now.
func (u User) Banned(now time.Time) bool { return u.BannedUntil.After(now) }

// MaxName bounds a name that is shown, in code points.
const MaxName = 200

// DisplayName is what others call the user: full_name, display_name or name of
// the metadata, else the part of the address before the @, else the id. It is
// one line without control characters, whatever the client wrote.
func (u User) DisplayName() string {
	if name := u.ownName(); name != "" {
		return name
	}
	if local, _, ok := strings.Cut(u.Email, "@"); ok && local != "" {
		return local
	}
	return u.ID
}

// Named reports whether the account carries a name of its own.
func (u User) Named() bool { return u.ownName() != "" }

func (u User) ownName() string {
	for _, key := range []string{"full_name", "display_name", "name"} {
		s, _ := u.Metadata[key].(string)
		if s = OneLine(s); s != "" {
			return s
		}
	}
	return ""
}

// OneLine makes any text a name: one line without control characters, of at
// most MaxName code points.
func OneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	return string([]rune(s)[:min(len([]rune(s)), MaxName)])
}

// Identity is one way a user can prove who they are. The only provider is
// "email".
type Identity struct {
	ID           string
	UserID       string
	Provider     string
	Email        string
	LastSignInAt time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// Session is one login of a user. Access tokens name it, refresh tokens are
// derived from its Key and Counter, so that nothing token-like is stored.
type Session struct {
	ID          string
	UserID      string
	Key         []byte // 32 random bytes
	Counter     int64  // number of the current refresh token
	Superseded  []Supersession
	Methods     []AuthMethod // newest first
	UserAgent   string
	IP          string
	CreatedAt   time.Time
	RefreshedAt time.Time
	NotAfter    time.Time // absolute end of life
}

// Supersession records when refresh token number Counter was replaced.
type Supersession struct {
	Counter int64
	At      time.Time
}

// AuthMethod is one entry of the amr claim: "otp" or "password".
type AuthMethod struct {
	Method string
	At     time.Time
}

// Code is a pending one-time code of a user. The digits are not stored: they
// are derived from Nonce with a key that is kept outside the database.
type Code struct {
	UserID    string
	Purpose   string // "login", "signup", "recovery", "email_change", "reauthentication"
	Email     string // the address the code was made for, and the only one it works with
	Nonce     []byte
	Guesses   int // wrong guesses so far
	CreatedAt time.Time
	ExpiresAt time.Time
}

// Audit is one record of something that touched an account.
type Audit struct {
	At        time.Time
	Event     string // "code_sent", "login", "login_failed", "refresh", "reuse", "logout", ...
	UserID    string // empty when unknown
	SessionID string
	IP        string
	UserAgent string
	Detail    string // never a secret
}

// Role is a member's standing in an organisation.
type Role string

// The roles, strongest first.
const (
	RoleOwner  Role = "owner"
	RoleAdmin  Role = "admin"
	RoleMember Role = "member"
)

// Valid reports whether r is one of the three roles.
func (r Role) Valid() bool { return r == RoleOwner || r == RoleAdmin || r == RoleMember }

// Leads reports whether the role may decide for the organisation: owners and
// admins may.
func (r Role) Leads() bool { return r == RoleOwner || r == RoleAdmin }

// Organisation is a group of people who share hires and a Pinboard.
type Organisation struct {
	ID        string
	Name      string
	Type      string // "personal"
	Own       bool   // somebody's own workspace, which new accounts never join
	CreatedAt time.Time
}

// Member is a user's place in an organisation.
type Member struct {
	OrganisationID string
	UserID         string
	Role           Role
	CreatedAt      time.Time
}

// Person is a member as the others see them.
type Person struct {
	Member
	Email     string
	Name      string
	AvatarURL string
}

// Profile holds what a user shows besides the account.
type Profile struct {
	UserID    string
	AvatarURL string
	UpdatedAt time.Time
}

// Settings are a user's preferences on every device.
type Settings struct {
	AllowNotifications bool
	Mentions           bool
	DirectMessages     bool
	TeamMessages       bool
	UsageAnalytics     bool
	CrashReports       bool
	Theme              string // "system", "light" or "dark"
	Web                WebSettings
}

// WebSettings are what a person likes of the web app, on all their devices.
type WebSettings struct {
	Language           string // "en", "de", or "system" for what the browser prefers
	SendWith           string // "enter" or "ctrl_enter"
	Notifications      bool
	ChecklistDismissed bool
}

// DefaultSettings are those of a user who never changed any.
func DefaultSettings() Settings {
	return Settings{
		AllowNotifications: true, Mentions: true, DirectMessages: true, TeamMessages: true,
		UsageAnalytics: true, CrashReports: true, Theme: "system",
		Web: WebSettings{Language: "system", SendWith: "enter"},
	}
}
