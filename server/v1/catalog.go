package v1

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/server/team"
)

// catalog is what these routes need from the use-cases.
type catalog interface {
	Caller(ctx context.Context, userID string) (team.Caller, error)
	Offers(c team.Caller) (list []*agents.Tmate, channel string, err error)
	SyncCatalog(ctx context.Context, userID string) (agents.Synced, error)
}

// Where an entry of the store comes from, as the wire says it.
const (
	sourceLocal   = "filesystem"
	sourceCatalog = "catalog"
)

// offerBody is what the store adds to an entry of the catalog.
type offerBody struct {
	Category *string       `json:"category"`
	Version  *string       `json:"version"`
	Status   *string       `json:"status"`
	Metadata offerMetadata `json:"metadata"`
}

// offerMetadata has all its keys in the store, null when unknown.
type offerMetadata struct {
	Audience           any            `json:"audience"`
	Manifest           map[string]any `json:"manifest"`
	PublishedAt        *string        `json:"published_at"`
	BundleURL          *string        `json:"bundle_url"`
	BundleChecksum     *string        `json:"bundle_checksum"`
	BundleSignature    *string        `json:"bundle_signature"`
	SignatureAlgorithm *string        `json:"signature_algorithm"`
}

func offerOf(tm *agents.Tmate) *offerBody {
	o := tm.Offer
	return &offerBody{
		Category: orNull(tm.Category), Version: orNull(o.Version), Status: orNull(o.Status),
		Metadata: offerMetadata{
			Audience: o.Audience, Manifest: tm.Manifest, PublishedAt: timeOrNull(o.PublishedAt), BundleURL: orNull(o.BundleURL),
			BundleChecksum: orNull(o.BundleChecksum), BundleSignature: orNull(o.BundleSignature), SignatureAlgorithm: orNull(o.SignatureAlgorithm),
		},
	}
}

// known are the keys that have a value: the catalog's own list shows only those.
func (m offerMetadata) known() map[string]any {
	out := map[string]any{}
	if m.Audience != nil {
		out["audience"] = m.Audience
	}
	if len(m.Manifest) > 0 {
		out["manifest"] = m.Manifest
	}
	for key, value := range map[string]*string{
		"published_at": m.PublishedAt, "bundle_url": m.BundleURL, "bundle_checksum": m.BundleChecksum,
		"bundle_signature": m.BundleSignature, "signature_algorithm": m.SignatureAlgorithm,
	} {
		if value != nil {
			out[key] = *value
		}
	}
	return out
}

// listCatalog serves GET /agents/catalog and GET /agent-catalog.
func listCatalog(use catalog) func(call) error {
	type entry struct {
		Key         string         `json:"key"`
		Name        string         `json:"name"`
		Description string         `json:"description"`
		Icon        *string        `json:"icon"`
		Category    *string        `json:"category"`
		Version     *string        `json:"version"`
		Status      *string        `json:"status"`
		Hired       bool           `json:"hired"`
		Metadata    map[string]any `json:"metadata,omitempty"`
	}
	type organisation struct {
		ID   string  `json:"id"`
		Name *string `json:"name"`
	}
	type answer struct {
		Environment  string       `json:"environment"`
		Agents       []entry      `json:"agents"`
		Organization organisation `json:"organization"`
	}
	return func(c call) error {
		who, err := use.Caller(c.ctx(), c.user)
		if err != nil {
			return err
		}
		offers, channel, err := use.Offers(who)
		if err != nil {
			return err
		}
		slices.SortFunc(offers, func(a, b *agents.Tmate) int {
			return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Key, b.Key))
		})
		out := answer{Environment: channel, Agents: []entry{}, Organization: organisation{who.Organisation.ID, orNull(who.Organisation.Name)}}
		for _, tm := range offers {
			o := offerOf(tm)
			out.Agents = append(out.Agents, entry{
				Key: tm.Key, Name: tm.Name, Description: tm.Description, Icon: orNull(tm.Icon), Category: o.Category,
				Version: o.Version, Status: o.Status, Hired: who.Hired(tm.Key), Metadata: o.Metadata.known(),
			})
		}
		return writeJSON(c, http.StatusOK, out)
	}
}

// syncCatalog serves POST /agents/catalog/sync and POST /agent-catalog/sync. A
// body is not read.
func syncCatalog(use catalog) func(call) error {
	type answer struct {
		Added     int      `json:"added"`
		Updated   int      `json:"updated"`
		Removed   int      `json:"removed"`
		Unchanged int      `json:"unchanged"`
		Errors    []string `json:"errors"`
	}
	return func(c call) error {
		done, err := use.SyncCatalog(c.ctx(), c.user)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusOK, answer{done.Added, done.Updated, done.Removed, done.Unchanged, append([]string{}, done.Errors...)})
	}
}
