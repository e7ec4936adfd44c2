package v1

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"github.com/tmates/tmates/server/team"
	"github.com/tmates/tmates/store/tmates"
)

// warden is what these routes need from the use-cases. All of them are additions
// of this edition.
type warden interface {
	Permissions(ctx context.Context, userID, tmateKey string) (team.Allowances, error)
	SetPermissions(ctx context.Context, userID, tmateKey string, p tmates.Permissions) (team.Allowances, error)
}

// maxTools bounds a list of names of tools.
const maxTools = 200

// toolName is what a tool may be called.
var toolName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`) })

type permissionsBody struct {
	AgentKey   string            `json:"agent_key"`
	Allow      []string          `json:"allow"` // null: all
	Deny       []string          `json:"deny"`
	MemberRisk tmates.MemberRisk `json:"member_risk"`
	UpdatedAt  *string           `json:"updated_at"`
	CanEdit    bool              `json:"can_edit"`
	Tools      []toolBody        `json:"tools"`
}

// toolBody is a tool, and whether the tmate may use it for the caller.
type toolBody struct {
	Name        string            `json:"name"`
	Description string            `json:"description"`
	Risk        tmates.MemberRisk `json:"risk"`
	Allowed     bool              `json:"allowed"`
	BlockedBy   *string           `json:"blocked_by"`
}

func permissionsOf(a team.Allowances) permissionsBody {
	b := permissionsBody{
		AgentKey: a.TmateKey, Allow: a.Allow, Deny: a.Deny, MemberRisk: a.MemberRisk, UpdatedAt: timeOrNull(a.UpdatedAt), CanEdit: a.MayEdit,
		Tools: []toolBody{},
	}
	if b.Deny == nil {
		b.Deny = []string{}
	}
	for _, t := range a.Tools {
		b.Tools = append(b.Tools, toolBody{t.Name, t.Description, tmates.MemberRisks()[t.Risk], t.BlockedBy == "", orNull(t.BlockedBy)})
	}
	return b
}

// getPermissions serves GET /agents/:agent_key/permissions.
func getPermissions(use warden) func(call) error {
	return func(c call) error {
		key, err := pathValue(c, "agent_key")
		if err != nil {
			return err
		}
		a, err := use.Permissions(c.ctx(), c.user, key)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusOK, permissionsOf(a))
	}
}

// putPermissions serves PUT /agents/:agent_key/permissions: what is not sent is
// not limited.
func putPermissions(use warden) func(call) error {
	return func(c call) error {
		key, err := pathValue(c, "agent_key")
		if err != nil {
			return err
		}
		p, err := decodePermissions(c.body)
		if err != nil {
			return err
		}
		a, err := use.SetPermissions(c.ctx(), c.user, key, p)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusOK, permissionsOf(a))
	}
}

func decodePermissions(b body) (p tmates.Permissions, err error) {
	var k checker
	f, ok := k.object(b)
	if !ok {
		return p, k.err()
	}
	p.Allow, p.Deny = f.toolNames("allow"), f.toolNames("deny")
	p.MemberRisk = tmates.RiskAny
	if f.sent("member_risk") {
		p.MemberRisk = tmates.MemberRisk(f.text("member_risk", maxName))
		if p.MemberRisk.Level() < 0 && len(k.faults) == 0 {
			k.value(f.at("member_risk"), f.in["member_risk"], fmt.Sprintf("must be one of %v", tmates.MemberRisks()))
		}
	}
	return p, k.err()
}

// toolNames reads an optional list of names of tools; absent and null are nil.
// A name nobody knows is kept: the tool may come with the next version.
func (f fields) toolNames(name string) (names []string) {
	if !f.sent(name) {
		return nil
	}
	names = []string{}
	for i, v := range f.list(name, maxTools) {
		s, ok := v.(string)
		if s = strings.TrimSpace(s); !ok || !toolName().MatchString(s) {
			f.k.value(join(f.at(name), i), v, "this is not the name of a tool")
			continue
		}
		names = append(names, s)
	}
	return names
}
