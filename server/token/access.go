package token

import (
	"crypto/hmac"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/tmates/tmates/store/tmates"
)

const (
	audience    = "authenticated"
	roleUser    = "authenticated"
	roleAnon    = "anon"
	roleService = "service_role"
)

// clockLeeway is granted on iat and nbf, and not on exp.
const clockLeeway = 30 * time.Second

// maxAccess bounds an access token in bytes: 4 KiB of metadata and the rest fit
// in several times.
const maxAccess = 16 << 10

// ErrAccess is what a string that is no valid access token answers.
var ErrAccess = tmates.E(tmates.Unauthenticated, "bad_jwt", nil, "The access token is invalid or has expired")

// ErrSubject is [ErrAccess] for a token whose sub is no UUID; the contract
// gives it a status of its own.
var ErrSubject = tmates.E(tmates.Unauthenticated, "bad_jwt", nil, "The access token names no user")

// Access is what a valid access token says.
type Access struct {
	UserID    string
	SessionID string
	ExpiresAt time.Time
}

// accessClaims are the claims that are read back. Signing writes a map, because
// the library would turn a single audience into a list, which breaks clients.
type accessClaims struct {
	jwt.RegisteredClaims
	SessionID string `json:"session_id"`
}

// Signer makes access tokens.
type Signer struct {
	secrets *Secrets
	issuer  string
	life    time.Duration
}

// NewSigner returns a Signer. publicURL is where clients reach the server,
// without a trailing slash; life is how long a token is valid, in whole
// seconds.
func NewSigner(s *Secrets, publicURL string, life time.Duration) *Signer {
	return &Signer{secrets: s, issuer: strings.TrimSuffix(publicURL, "/") + "/auth/v1", life: life.Truncate(time.Second)}
}

// Life returns how long a token is valid.
func (s *Signer) Life() time.Duration { return s.life }

// Access returns a signed access token for a session of the user, and when it
// expires.
func (s *Signer) Access(u tmates.User, v tmates.Session, now time.Time) (signed string, expires time.Time, err error) {
	now = now.UTC().Truncate(time.Second)
	expires = now.Add(s.life)
	amr := make([]map[string]any, 0, len(v.Methods))
	for _, m := range v.Methods {
		amr = append(amr, map[string]any{"method": m.Method, "timestamp": m.At.Unix()})
	}
	signed, err = jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iss": s.issuer, "sub": u.ID, "aud": audience, "exp": expires.Unix(), "iat": now.Unix(),
		"email": u.Email, "phone": "", "app_metadata": u.AppMetadata, "user_metadata": u.Metadata,
		"role": roleUser, "aal": "aal1", "amr": amr, "session_id": v.ID, "is_anonymous": false,
	}).SignedString(s.secrets.jwt)
	if err != nil {
		return "", expires, fmt.Errorf("sign access token: %w", err)
	}
	return signed, expires, nil
}

// Verify checks an access token: HS256 and nothing else, signature, an exp that
// lies ahead to the second, nbf and iat with 30 seconds of leeway, the
// audience, and UUIDs as user and session. The error is [ErrAccess] or
// [ErrSubject].
func (s *Secrets) Verify(raw string, now time.Time) (Access, error) {
	var c accessClaims
	if err := s.parse(raw, &c, now, jwt.WithAudience(audience), jwt.WithIssuedAt()); err != nil || !now.Before(c.ExpiresAt.Time) {
		return Access{}, ErrAccess
	}
	if !isUUID(c.Subject) {
		return Access{}, ErrSubject
	}
	if !isUUID(c.SessionID) {
		return Access{}, ErrAccess
	}
	return Access{UserID: c.Subject, SessionID: c.SessionID, ExpiresAt: c.ExpiresAt.Time}, nil
}

var errTooLong = errors.New("token is too long")

func (s *Secrets) parse(raw string, c jwt.Claims, now time.Time, more ...jwt.ParserOption) error {
	if len(raw) > maxAccess {
		return errTooLong
	}
	options := append([]jwt.ParserOption{
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithStrictDecoding(), jwt.WithExpirationRequired(),
		jwt.WithLeeway(clockLeeway), jwt.WithTimeFunc(func() time.Time { return now }),
	}, more...)
	// Headers that name a key (kid, jwk, jku, x5c, x5u) are never looked at.
	_, err := jwt.NewParser(options...).ParseWithClaims(raw, c, func(*jwt.Token) (any, error) { return s.jwt, nil })
	return err
}

// isUUID accepts the hyphenated spelling only.
func isUUID(s string) bool { return len(s) == 36 && uuid.Validate(s) == nil }

// Kind is what a bearer token claims to be, once its signature is checked.
type Kind string

// The kinds of bearer token. KindNone is anything this server did not sign or
// that has expired.
const (
	KindNone    Kind = ""
	KindUser    Kind = "user"
	KindAnon    Kind = "anon"
	KindService Kind = "service"
)

// Kind tells what sort of bearer token raw is. KindUser does not mean that the
// token would pass [Secrets.Verify].
func (s *Secrets) Kind(raw string, now time.Time) Kind {
	var c struct {
		jwt.RegisteredClaims
		Role string `json:"role"`
	}
	if err := s.parse(raw, &c, now); err != nil || !now.Before(c.ExpiresAt.Time) {
		return KindNone
	}
	switch c.Role {
	case roleUser:
		return KindUser
	case roleAnon:
		return KindAnon
	case roleService:
		return KindService
	}
	return KindNone
}

// sameSecret compares without telling by its time where the texts differ.
func sameSecret(a, b []byte) bool { return hmac.Equal(a, b) }
