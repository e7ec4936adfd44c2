package v1

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/tmates/tmates/server/team"
)

// Bounds of a profile.
const (
	maxName  = 256  // code points
	maxURL   = 2083 // code points, upstream's own
	maxEmail = 254  // RFC 5321
)

// account is what the profile needs from the use-cases.
type account interface {
	ReadProfile(ctx context.Context, userID string) (team.Profile, error)
	ChangeProfile(ctx context.Context, userID string, change team.ProfileChange) (team.Profile, error)
}

type profileBody struct {
	ID          string  `json:"id"`
	Email       *string `json:"email"`
	DisplayName *string `json:"display_name"`
	AvatarURL   *string `json:"avatar_url"`
	Role        *string `json:"role"`
}

func profileOf(p team.Profile) profileBody {
	return profileBody{
		ID: p.User.ID, Email: orNull(p.User.Email), DisplayName: orNull(p.User.DisplayName()),
		AvatarURL: orNull(p.AvatarURL), Role: orNull(string(p.Role)),
	}
}

// getProfile serves GET /profile.
func getProfile(use account) func(call) error {
	return func(c call) error {
		p, err := use.ReadProfile(c.ctx(), c.user)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusOK, profileOf(p))
	}
}

// changeProfile serves PATCH /profile.
func changeProfile(use account) func(call) error {
	return func(c call) error {
		change, err := decodeProfile(c.body)
		if err != nil {
			return err
		}
		p, err := use.ChangeProfile(c.ctx(), c.user, change)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusOK, profileOf(p))
	}
}

// decodeProfile validates a change. Null and blank values count as not given
// (Q-B7), and at least one must be given.
func decodeProfile(b body) (change team.ProfileChange, err error) {
	var k checker
	f, ok := k.object(b)
	if !ok {
		return change, k.err()
	}
	change.DisplayName = strings.TrimSpace(f.text("display_name", maxName))
	change.AvatarURL = k.link(f.at("avatar_url"), f.in["avatar_url"], strings.TrimSpace(f.text("avatar_url", 0)))
	change.Email = strings.TrimSpace(f.text("email", maxEmail))
	if change.Email != "" && !looksLikeEmail(change.Email) {
		k.value(f.at("email"), f.in["email"], "this is not an e-mail address")
	}
	if len(k.faults) == 0 && change == (team.ProfileChange{}) {
		k.value(f.loc, f.in, "at least one field must be provided")
	}
	return change, k.err()
}

// looksLikeEmail is lenient on purpose: special-use domains are fine here
// (Q-B8), and the address has to equal the account's anyway.
func looksLikeEmail(s string) bool {
	name, domain, ok := strings.Cut(s, "@")
	return ok && name != "" && domain != "" && !strings.ContainsAny(domain, "@") && !strings.ContainsAny(s, " \t\r\n")
}

// link checks an http or https address and normalises it: a bare host gets a
// slash.
func (k *checker) link(loc []any, input any, text string) string {
	bad := func(why string) string {
		k.add(loc, "url_parsing", "Input should be a valid URL, "+why, input, map[string]any{"error": why})
		return ""
	}
	if text == "" {
		return ""
	}
	if len(text) > maxURL {
		k.add(loc, "url_too_long", "URL should have at most 2083 characters", input, map[string]any{"max_length": maxURL})
		return ""
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return bad("invalid character or escape")
	case u.Scheme == "":
		return bad("relative URL without a base")
	case u.Scheme != "http" && u.Scheme != "https":
		k.add(loc, "url_scheme", "URL scheme should be 'http' or 'https'", input, map[string]any{"expected_schemes": "'http' or 'https'"})
		return ""
	case u.Hostname() == "":
		return bad("empty host")
	}
	u.Host = strings.ToLower(u.Host)
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String()
}
