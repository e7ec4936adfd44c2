package team

import (
	"context"
	"slices"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// Who can keep a tool from a tmate.
const (
	byManifest = "manifest" // the tmate's own file does not ask for it
	byOwner    = "owner"    // the organisation took it away
	byRole     = "role"     // it risks more than turns of plain members may
)

// grant is what a tmate may do for a person: the least of what its manifest asks
// for, what the organisation lets it do, and what the person's role leaves.
type grant struct {
	tmate *agents.Tmate // nil when it is not installed any more: nothing
	set   tmates.Permissions
	role  tmates.Role
}

// grantTo reads what a tmate may do for the caller.
func grantTo(ctx context.Context, tx *store.Tx, c Caller, tm *agents.Tmate) (grant, error) {
	set, err := tx.Permissions(ctx, c.Organisation.ID, tm.Key)
	return grant{tm, set, c.Role}, err
}

// blocks says who keeps a tool from the tmate; empty: nobody.
func (g grant) blocks(tool agents.Tool) string {
	switch {
	case g.tmate == nil || !g.tmate.MayUse(tool.Name):
		return byManifest
	case !g.set.Allows(tool.Name):
		return byOwner
	case !g.role.Leads() && int(tool.Risk) > g.set.MemberRisk.Level():
		return byRole
	}
	return ""
}

// permitted leaves the tools the tmate may use. What is taken out here does not
// exist for a turn: a call of it is answered like one of a name nobody knows.
func (g grant) permitted(all []agents.Tool) []agents.Tool {
	return slices.DeleteFunc(all, func(tool agents.Tool) bool { return g.blocks(tool) != "" })
}

// ToolPermission is one tool as its owner sees it.
type ToolPermission struct {
	agents.Tool
	BlockedBy string // for turns of the caller; empty: the tmate may use it
}

// Allowances is what an organisation lets a tmate do, and what comes of it for
// the caller.
type Allowances struct {
	tmates.Permissions
	TmateKey string
	Tools    []ToolPermission
	MayEdit  bool
}

// Permissions returns what the caller's organisation lets a tmate do.
func (t *Team) Permissions(ctx context.Context, userID, tmateKey string) (a Allowances, err error) {
	c, err := t.Caller(ctx, userID)
	if err != nil {
		return a, err
	}
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		a, err = t.allowances(ctx, tx, c, tmateKey)
		return err
	})
	return a, err
}

// SetPermissions changes what the caller's organisation lets a tmate do.
// Members may not. It holds from the next turn on.
func (t *Team) SetPermissions(ctx context.Context, userID, tmateKey string, p tmates.Permissions) (a Allowances, err error) {
	err = t.write(ctx, userID, func(ctx context.Context, tx *store.Tx, c Caller) error {
		if err := everHired(ctx, tx, c, tmateKey); err != nil {
			return err
		}
		if !c.Role.Leads() {
			return tmates.E(tmates.Forbidden, "permissions_forbidden", nil, "Only organization owners and admins can change what an agent may do")
		}
		if err := tx.PutPermissions(ctx, c.Organisation.ID, tmateKey, p); err != nil {
			return err
		}
		a, err = t.allowances(ctx, tx, c, tmateKey)
		return err
	})
	return a, err
}

func (t *Team) allowances(ctx context.Context, tx *store.Tx, c Caller, tmateKey string) (a Allowances, err error) {
	if err := everHired(ctx, tx, c, tmateKey); err != nil {
		return a, err
	}
	set, err := tx.Permissions(ctx, c.Organisation.ID, tmateKey)
	if err != nil {
		return a, err
	}
	g := grant{t.registry.Get(tmateKey), set, c.Role}
	a = Allowances{Permissions: set, TmateKey: tmateKey, MayEdit: c.Role.Leads()}
	// Of any thread: the tools are looked at, never run.
	for _, tool := range t.tools(agents.Scope{UserID: c.User.ID, TmateKey: tmateKey, ThreadID: "any"}) {
		a.Tools = append(a.Tools, ToolPermission{tool, g.blocks(tool)})
	}
	return a, nil
}
