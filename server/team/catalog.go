package team

import (
	"context"
	"slices"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store/tmates"
)

var errCatalogOff = tmates.E(tmates.Unavailable, "catalog_disabled", nil, "Agent catalog registry is disabled")

// leadsServer reports whether the caller may change what concerns everybody on the
// server.
func (c Caller) leadsServer() bool { return c.Role.Leads() && !c.Organisation.Own }

// Sees reports whether the caller's organisation may know of the tmate: it may
// hire it, or employs it already.
func (c Caller) Sees(tm *agents.Tmate) bool {
	return tm.OpenTo(c.Organisation.ID) || c.Hired(tm.Key)
}

// Visible returns every tmate the caller's organisation may know of, in listing
// order.
func (t *Team) Visible(c Caller) []*agents.Tmate {
	return slices.DeleteFunc(t.registry.All(), func(tm *agents.Tmate) bool { return !c.Sees(tm) })
}

// Offers returns what the catalog offers the caller's organisation, in listing
// order, and the channel it is limited to. Tmates whose place a local one takes
// are not among them. It is Unavailable without a catalog.
func (t *Team) Offers(c Caller) (list []*agents.Tmate, channel string, err error) {
	if t.catalog == nil {
		return nil, "", errCatalogOff
	}
	return slices.DeleteFunc(t.registry.All(), func(tm *agents.Tmate) bool {
		return tm.Offer == nil || !tm.OpenTo(c.Organisation.ID)
	}), t.catalog.Channel(), nil
}

// SyncCatalog looks at the catalog for an owner or admin of the instance's
// organisation: it changes what everybody is offered, so leading a workspace of
// one's own does not do. No transaction is open meanwhile. It is Unavailable
// without a catalog, and when the catalog cannot be read.
func (t *Team) SyncCatalog(ctx context.Context, userID string) (agents.Synced, error) {
	if t.catalog == nil {
		return agents.Synced{}, errCatalogOff
	}
	c, err := t.Caller(ctx, userID)
	if err != nil {
		return agents.Synced{}, err
	}
	if !c.leadsServer() {
		return agents.Synced{}, tmates.E(tmates.Forbidden, "role_insufficient", nil, "Only an owner or admin of this server's organization may sync the catalog")
	}
	return t.catalog.Sync(ctx)
}
