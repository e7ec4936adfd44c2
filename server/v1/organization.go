package v1

import (
	"context"
	"net/http"
	"strings"

	"github.com/tmates/tmates/server/team"
	"github.com/tmates/tmates/store/tmates"
)

// organization is what these routes need from the use-cases. All of them are
// additions of this edition: upstream's organisations have one person each.
type organization interface {
	Workspace(ctx context.Context, userID string) (team.Workspace, error)
	RenameOrganisation(ctx context.Context, userID, name string) (team.Workspace, error)
	People(ctx context.Context, userID string, limit int) ([]tmates.Person, error)
	SetRole(ctx context.Context, userID, memberID string, role tmates.Role) (tmates.Person, error)
}

type organizationBody struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Type        string  `json:"type"`
	Role        string  `json:"role"` // the caller's
	MemberCount int64   `json:"member_count"`
	CreatedAt   *string `json:"created_at"`
}

func organizationOf(w team.Workspace) organizationBody {
	return organizationBody{w.ID, w.Name, w.Type, string(w.Role), w.Members, timeOrNull(w.CreatedAt)}
}

type memberBody struct {
	UserID      string  `json:"user_id"`
	Email       string  `json:"email"`
	DisplayName string  `json:"display_name"`
	AvatarURL   *string `json:"avatar_url"`
	Role        string  `json:"role"`
	JoinedAt    *string `json:"joined_at"`
}

func memberOf(p tmates.Person) memberBody {
	return memberBody{p.UserID, p.Email, p.Name, orNull(p.AvatarURL), string(p.Role), timeOrNull(p.CreatedAt)}
}

// getOrganization serves GET /organization.
func getOrganization(use organization) func(call) error {
	return func(c call) error {
		w, err := use.Workspace(c.ctx(), c.user)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusOK, organizationOf(w))
	}
}

// renameOrganization serves PATCH /organization.
func renameOrganization(use organization) func(call) error {
	return func(c call) error {
		name, err := decodeName(c.body)
		if err != nil {
			return err
		}
		w, err := use.RenameOrganisation(c.ctx(), c.user, name)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusOK, organizationOf(w))
	}
}

func decodeName(b body) (string, error) {
	var k checker
	f, ok := k.object(b)
	if !ok {
		return "", k.err()
	}
	name := f.required("name", 1, tmates.MaxName)
	line := tmates.OneLine(name)
	if len(k.faults) == 0 && line == "" {
		k.value(f.at("name"), f.in["name"], "must not be blank")
	}
	return line, k.err()
}

// listMembers serves GET /organization/members.
func listMembers(use organization) func(call) error {
	type answer struct {
		Members []memberBody `json:"members"`
	}
	return func(c call) error {
		limit, err := queryLimit(c, team.MaxPeople, team.MaxPeople)
		if err != nil {
			return err
		}
		people, err := use.People(c.ctx(), c.user, limit)
		if err != nil {
			return err
		}
		out := answer{Members: []memberBody{}}
		for _, p := range people {
			out.Members = append(out.Members, memberOf(p))
		}
		return writeJSON(c, http.StatusOK, out)
	}
}

// changeMember serves PATCH /organization/members/:user_id.
func changeMember(use organization) func(call) error {
	return func(c call) error {
		id, err := pathValue(c, "user_id")
		if err != nil {
			return err
		}
		role, err := decodeRole(c.body)
		if err != nil {
			return err
		}
		p, err := use.SetRole(c.ctx(), c.user, id, role)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusOK, memberOf(p))
	}
}

func decodeRole(b body) (role tmates.Role, err error) {
	var k checker
	f, ok := k.object(b)
	if !ok {
		return role, k.err()
	}
	role = tmates.Role(strings.TrimSpace(f.required("role", 1, maxName)))
	if len(k.faults) == 0 && !role.Valid() {
		k.value(f.at("role"), f.in["role"], "must be owner, admin or member")
	}
	return role, k.err()
}
