package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/catalog"
	"github.com/tmates/tmates/agents/providers"
	"github.com/tmates/tmates/agents/registry"
	"github.com/tmates/tmates/server/control"
	"github.com/tmates/tmates/server/team"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// crew shows who works here to the operator's commands. It acts as the owner of
// the instance's organisation.
type crew struct {
	team      *team.Team
	registry  *registry.Registry
	catalog   *catalog.Catalog // nil: there is none
	db        *store.DB
	providers *providers.Set
}

// owner returns the user who stands for the operator.
func (c crew) owner(ctx context.Context) (userID string, err error) {
	err = c.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		org, found, err := tx.FirstOrganisation(ctx)
		if err != nil {
			return err
		}
		if !found {
			return tmates.E(tmates.Conflict, "no_account", nil, "Nobody is in this server's organisation yet: type `tmates user add you@example.com`")
		}
		members, err := tx.Members(ctx, org.ID)
		for _, m := range members {
			if m.Role == tmates.RoleOwner && userID == "" {
				userID = m.UserID
			}
		}
		return err
	})
	return userID, err
}

// Tmates lists who is installed, and who is hired of them.
func (c crew) Tmates(ctx context.Context) (out control.Tmates, err error) {
	owner, err := c.owner(ctx)
	if e, ok := errors.AsType[*tmates.Error](err); ok && e.Code == "no_account" {
		owner, err = "", nil // nobody has hired anybody yet
	}
	var caller team.Caller
	if owner != "" {
		caller, err = c.team.Caller(ctx, owner)
	}
	if err != nil {
		return out, err
	}
	out = control.Tmates{Tmates: []control.Tmate{}, Problems: []string{}}
	for _, tm := range c.registry.All() {
		out.Tmates = append(out.Tmates, c.shown(tm, caller.Hired(tm.Key)))
		for _, name := range c.providers.Unknown(append([]string{tm.Thinking.Provider}, tm.Thinking.Fallbacks...)...) {
			out.Problems = append(out.Problems, fmt.Sprintf("%s names the provider %q, which does not exist: type `tmates provider list`", tm.Key, name))
		}
	}
	for _, p := range c.registry.Problems() {
		out.Problems = append(out.Problems, p.String())
	}
	return out, nil
}

func (c crew) shown(tm *agents.Tmate, hired bool) control.Tmate {
	return control.Tmate{Key: tm.Key, Name: tm.Name, Description: tm.Description, Hired: hired, MissingEnv: c.registry.MissingEnv(tm.Key)}
}

// Hire employs a tmate.
func (c crew) Hire(ctx context.Context, nameOrKey string) (control.Tmate, error) {
	owner, err := c.owner(ctx)
	if err != nil {
		return control.Tmate{}, err
	}
	tm, err := c.team.Hire(ctx, owner, nameOrKey)
	if err != nil {
		return control.Tmate{}, err
	}
	return c.shown(tm, true), nil
}

// Dismiss ends the employment of a tmate.
func (c crew) Dismiss(ctx context.Context, nameOrKey string) (control.Tmate, error) {
	owner, err := c.owner(ctx)
	if err != nil {
		return control.Tmate{}, err
	}
	key, err := c.team.Dismiss(ctx, owner, nameOrKey)
	return control.Tmate{Key: key}, err
}

// Catalog lists what the catalog offers or offered, also what a local tmate
// hides and what only some organisations may see.
func (c crew) Catalog(ctx context.Context) (out control.Catalog, err error) {
	if c.catalog == nil {
		return out, errNoCatalog
	}
	hired := map[string]bool{}
	err = c.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		keys, err := tx.EmployedKeys(ctx)
		for _, key := range keys {
			hired[key] = true
		}
		return err
	})
	if err != nil {
		return out, err
	}
	offers, problems := c.catalog.Tmates()
	out = control.Catalog{Tmates: []control.Offer{}, Problems: []string{}}
	for _, tm := range offers {
		served := c.registry.Get(tm.Key)
		hidden := served == nil || served.Offer == nil
		out.Tmates = append(out.Tmates, control.Offer{
			Key: tm.Key, Version: tm.Offer.Version, Name: tm.Name, Description: tm.Description, Status: tm.Offer.Status,
			Hired: hired[tm.Key] && !hidden, Hidden: hidden,
		})
	}
	for _, p := range problems {
		out.Problems = append(out.Problems, p.String())
	}
	return out, nil
}

// SyncCatalog looks at the catalog.
func (c crew) SyncCatalog(ctx context.Context) (control.Synced, error) {
	if c.catalog == nil {
		return control.Synced{}, errNoCatalog
	}
	done, err := c.catalog.Sync(ctx)
	return control.Synced{
		Added: done.Added, Updated: done.Updated, Removed: done.Removed, Unchanged: done.Unchanged, Errors: append([]string{}, done.Errors...),
	}, err
}

// Usage sums what the organisation used.
func (c crew) Usage(ctx context.Context, in control.UsageQuery) (out control.Usage, err error) {
	owner, err := c.owner(ctx)
	if err != nil {
		return out, err
	}
	used, err := c.team.ReadUsage(ctx, owner, tmates.UsageBy(in.By), in.Days)
	if err != nil {
		return out, err
	}
	out = control.Usage{Since: used.Since.Format(time.DateOnly), Currency: used.Currency, Items: []control.UsageSum{}}
	for _, s := range used.Sums {
		out.Items = append(out.Items, control.UsageSum{
			Key: s.Key, Jobs: s.Jobs, PromptTokens: s.PromptTokens, CompletionTokens: s.CompletionTokens, Cost: float64(s.Cost) / 1e6,
		})
	}
	return out, nil
}

var errNoCatalog = tmates.E(tmates.Unavailable, "catalog_disabled", nil,
	"There is no catalog: put the address of its index into catalog.url, or into the variable TMATES_CATALOG_URL")
