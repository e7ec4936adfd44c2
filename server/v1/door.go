package v1

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/store/tmates"
)

// Instance is what anybody may know of this server.
type Instance struct {
	Name    string // of its organisation
	Version string // of the program
	Claimed bool   // an account exists
	Demo    bool   // its data is made up and does not stay
	Mail    bool   // login codes can be mailed
}

// Client is where a request comes from.
type Client struct {
	IP        string
	UserAgent string
}

// Claim is what a person brings to a one-time link.
type Claim struct{ Token, Email, Name, Password string }

// Invitation is who is to come, and as what.
type Invitation struct {
	Email, Name string
	Role        tmates.Role
}

// door is what these routes need from the use-cases. All of them are additions
// of this edition.
type door interface {
	Instance(ctx context.Context) (Instance, error)
	// Claim returns a session in the shape of the auth contract.
	Claim(ctx context.Context, from Client, in Claim) (any, error)
	Invite(ctx context.Context, from Client, userID string, in Invitation) (p tmates.Person, link string, expires time.Time, err error)
	RemoveMember(ctx context.Context, from Client, userID, memberID string) error
	Sessions(ctx context.Context, userID string) ([]tmates.Session, error)
	EndSession(ctx context.Context, from Client, userID, sessionID string) error
	EndOtherSessions(ctx context.Context, from Client, userID, keepID string) error
}

func from(c call) Client { return Client{c.RealIP(), c.Request().UserAgent()} }

// getInstance serves GET /instance.
func getInstance(use door) func(call) error {
	type answer struct {
		Name    string `json:"name"`
		Version string `json:"version"`
		Claimed bool   `json:"claimed"`
		Demo    bool   `json:"demo"`
		Mail    bool   `json:"mail"`
	}
	return func(c call) error {
		about, err := use.Instance(c.ctx())
		if err != nil {
			return err
		}
		c.Response().Header().Set(echo.HeaderCacheControl, "no-store") // claimed changes once, and matters then
		return writeJSON(c, http.StatusOK, answer(about))
	}
}

// Bounds of what a claim brings, in characters: a token has 43, and a password's
// own bound answers better than this one.
const (
	maxPass     = 200
	maxPassword = 4096
)

// claim serves POST /claim.
func claim(use door) func(call) error {
	return func(c call) error {
		in, err := decodeClaim(c.body)
		if err != nil {
			return err
		}
		session, err := use.Claim(c.ctx(), from(c), in)
		if wait, ok := errors.AsType[interface {
			error
			Seconds() int
		}](err); ok {
			c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(wait.Seconds()))
		}
		if err != nil {
			return err
		}
		c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
		return writeJSON(c, http.StatusCreated, session)
	}
}

func decodeClaim(b body) (in Claim, err error) {
	var k checker
	f, ok := k.object(b)
	if !ok {
		return in, k.err()
	}
	in = Claim{
		Token: f.required("token", 1, maxPass), Email: f.text("email", maxEmail),
		Name: tmates.OneLine(f.text("name", tmates.MaxName)), Password: f.text("password", maxPassword),
	}
	return in, k.err()
}

// inviteMember serves POST /organization/members.
func inviteMember(use door) func(call) error {
	type answer struct {
		Member  memberBody `json:"member"`
		Link    string     `json:"link"`
		Expires string     `json:"expires_at"`
	}
	return func(c call) error {
		in, err := decodeInvitation(c.body)
		if err != nil {
			return err
		}
		p, link, expires, err := use.Invite(c.ctx(), from(c), c.user, in)
		if err != nil {
			return err
		}
		c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
		return writeJSON(c, http.StatusCreated, answer{memberOf(p), link, tmates.ZTime(expires)})
	}
}

func decodeInvitation(b body) (in Invitation, err error) {
	var k checker
	f, ok := k.object(b)
	if !ok {
		return in, k.err()
	}
	in = Invitation{
		Email: f.required("email", 1, maxEmail), Name: tmates.OneLine(f.text("name", tmates.MaxName)),
		Role: tmates.Role(f.required("role", 1, maxName)),
	}
	if len(k.faults) == 0 && !in.Role.Valid() {
		k.value(f.at("role"), f.in["role"], "must be owner, admin or member")
	}
	return in, k.err()
}

// removeMember serves DELETE /organization/members/:user_id.
func removeMember(use door) func(call) error {
	return func(c call) error {
		id, err := pathValue(c, "user_id")
		if err != nil {
			return err
		}
		if err := use.RemoveMember(c.ctx(), from(c), c.user, id); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	}
}

type sessionBody struct {
	ID        string  `json:"id"`
	CreatedAt *string `json:"created_at"`
	LastUsed  *string `json:"last_used_at"` // when it was refreshed last
	UserAgent string  `json:"user_agent"`
	IP        string  `json:"ip"`
	Current   bool    `json:"current"`
}

// listSessions serves GET /sessions.
func listSessions(use door) func(call) error {
	type answer struct {
		Sessions []sessionBody `json:"sessions"`
	}
	return func(c call) error {
		all, err := use.Sessions(c.ctx(), c.user)
		if err != nil {
			return err
		}
		out := answer{Sessions: []sessionBody{}}
		for _, v := range all {
			out.Sessions = append(out.Sessions, sessionBody{
				v.ID, timeOrNull(v.CreatedAt), timeOrNull(v.RefreshedAt), v.UserAgent, v.IP, v.ID == c.session,
			})
		}
		return writeJSON(c, http.StatusOK, out)
	}
}

// endSession serves DELETE /sessions/:session_id.
func endSession(use door) func(call) error {
	return func(c call) error {
		id, err := pathValue(c, "session_id")
		if err != nil {
			return err
		}
		if err := use.EndSession(c.ctx(), from(c), c.user, id); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	}
}

// endOtherSessions serves DELETE /sessions.
func endOtherSessions(use door) func(call) error {
	return func(c call) error {
		if err := use.EndOtherSessions(c.ctx(), from(c), c.user, c.session); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	}
}
