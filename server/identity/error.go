package identity

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/tmates/tmates/store/tmates"
)

// Wait is inside every error that passes by itself.
type Wait struct{ After time.Duration }

// Seconds returns the wait in whole seconds, at least one.
func (w Wait) Seconds() int { return max(1, int(math.Ceil(w.After.Seconds()))) }

// Error implements error.
func (w Wait) Error() string { return fmt.Sprintf("again in %d seconds", w.Seconds()) }

// Weak is inside the error that refuses a password. The reasons are "length"
// and "pwned": easy to guess, because it is common or close to the account.
type Weak struct{ Reasons []string }

// Error implements error.
func (w Weak) Error() string { return fmt.Sprintf("weak: %v", w.Reasons) }

// ErrAddress is inside every error about a malformed e-mail address; the
// contract gives it a status of its own in one place.
var ErrAddress = errors.New("malformed address")

// Every way a code can fail answers errCode, so that nobody learns which.
var (
	errCode        = tmates.E(tmates.Forbidden, "otp_expired", nil, "The code is wrong or has expired: ask for a new one")
	errClaim       = tmates.E(tmates.Forbidden, "claim_refused", nil, "This link was used, is too old or never was one: ask for a new one")
	errClaimed     = tmates.E(tmates.Conflict, "already_claimed", nil, "This server has an account already. Log one in with: tmates user claim-link EMAIL")
	errCredentials = tmates.E(tmates.Invalid, "invalid_credentials", nil, "The address or the password is wrong")
	errBanned      = tmates.E(tmates.Unauthenticated, "user_banned", nil, "This account is suspended")
	errUserGone    = tmates.E(tmates.Unauthenticated, "user_not_found", nil, "This account does not exist any more")
	errNoBearer    = tmates.E(tmates.Unauthenticated, "no_authorization", nil, "An access token is needed: please log in")
	errProjectKey  = tmates.E(tmates.Unauthenticated, "bad_jwt", nil, "This is a project key, not the access token of a login")
	errNotAdmin    = tmates.E(tmates.Forbidden, "not_admin", nil, "This is for the operator: the service key is needed")
	errUnconfirmed = tmates.E(tmates.Invalid, "email_not_confirmed", nil, "The address is not confirmed yet: enter the code that was sent to it")
	errNoRefresh   = tmates.E(tmates.Invalid, "refresh_token_not_found", nil, "The session has ended: please log in again")
	errReuse       = tmates.E(tmates.Invalid, "refresh_token_already_used", nil, "The refresh token was used before: for safety the session was ended")
	errExpired     = tmates.E(tmates.Invalid, "session_expired", nil, "The session has expired: please log in again")
	errUnknown     = tmates.E(tmates.Invalid, "otp_disabled", nil,
		"No account has this address. The operator of this server adds one with: tmates user add EMAIL")
	errClosed = tmates.E(tmates.Invalid, "signup_disabled", nil,
		"Sign-ups are closed on this server. Its operator adds people with: tmates user add EMAIL")
	errExists       = tmates.E(tmates.Conflict, "user_already_exists", nil, "A user with this address exists already")
	errTaken        = tmates.E(tmates.Conflict, "email_exists", nil, "A user with this address exists already")
	errIDExists     = tmates.E(tmates.Conflict, "user_already_exists", nil, "A user with this id exists already")
	errSame         = tmates.E(tmates.Invalid, "same_password", nil, "The new password must differ from the old one")
	errReauth       = tmates.E(tmates.Invalid, "reauthentication_needed", nil, "This login is old: send the current password, or a code from the reauthentication mail")
	errNonce        = tmates.E(tmates.Invalid, "reauthentication_not_valid", nil, "The reauthentication code is wrong or has expired")
	errCurrent      = tmates.E(tmates.Invalid, "current_password_invalid", nil, "The current password is wrong")
	errEmailChange  = tmates.E(tmates.Invalid, "validation_failed", nil, "Addresses are changed by the operator of this server")
	errScope        = tmates.E(tmates.Invalid, "validation_failed", nil, "scope must be global, local or others")
	errVerifyType   = tmates.E(tmates.Invalid, "validation_failed", nil, "type is not one this server verifies")
	errAddressShape = tmates.E(tmates.Invalid, "validation_failed", ErrAddress, "This is not a valid e-mail address")
)

// tooManyMails refuses another code. Apps read the number out of the text.
func tooManyMails(after time.Duration) error {
	w := Wait{After: after}
	return tmates.E(tmates.TooMany, "over_email_send_rate_limit", w,
		"For security purposes another code can be asked for only after %d seconds", w.Seconds())
}

func tooManyTries(after time.Duration) error {
	w := Wait{After: after}
	return tmates.E(tmates.TooMany, "over_request_rate_limit", w, "Too many tries: please wait %d seconds", w.Seconds())
}

// unavailable makes a failure of ours something a client waits for. An error
// that was meant for the caller stays as it is, and so does the end of the
// caller's own context.
func unavailable(err error) error {
	if e, ok := errors.AsType[*tmates.Error](err); ok && e.Kind != tmates.Internal {
		return err
	}
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return tmates.E(tmates.Unavailable, "service_unavailable", errors.Join(err, Wait{After: time.Second}),
		"The server cannot answer right now: please try again in a moment")
}

func weak(reasons []string, p Policy) error {
	return tmates.E(tmates.Invalid, "weak_password", Weak{Reasons: reasons},
		"Choose a password of at least %d characters that is neither common nor close to your address", p.PasswordMin)
}

// refused reports whether err is one of the answers a limit gives.
func refused(err error) bool {
	e, ok := errors.AsType[*tmates.Error](err)
	return ok && e.Kind == tmates.TooMany
}
