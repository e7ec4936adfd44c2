package team

import (
	"context"

	"github.com/tmates/tmates/agents/providers"
	"github.com/tmates/tmates/store/tmates"
)

// Providers hands the model services to an owner or admin of the instance's
// organisation: they answer for everybody here and have keys of the server, so
// leading a workspace of one's own does not do. Nobody else gets to see them.
func (t *Team) Providers(ctx context.Context, userID string) (*providers.Set, error) {
	c, err := t.Caller(ctx, userID)
	if err != nil {
		return nil, err
	}
	if !c.leadsServer() {
		return nil, tmates.E(tmates.Forbidden, "role_insufficient", nil, "Only an owner or admin of this server's organization may look after its model providers")
	}
	return t.services, nil
}
