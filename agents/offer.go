package agents

import (
	"slices"
	"time"
)

// Offer is what a catalog says about a tmate beyond its manifest. It is never
// changed after loading.
type Offer struct {
	Version            string
	Status             string // "published"; "retired" once the catalog no longer offers it
	Organisations      []string
	Audience           any // as the catalog has it; nil: none
	PublishedAt        time.Time
	BundleURL          string
	BundleChecksum     string // SHA-256, lower-case hexadecimal
	BundleSignature    string
	SignatureAlgorithm string
}

// OpenTo reports whether an organisation may hire the tmate: it is on offer, and
// for this organisation if the catalog names any. A local tmate is open to
// everybody; the empty id is nobody's.
func (t *Tmate) OpenTo(organisationID string) bool {
	switch {
	case t.Offer == nil:
		return true
	case t.Offer.Status != "published":
		return false
	}
	return len(t.Offer.Organisations) == 0 || slices.Contains(t.Offer.Organisations, organisationID)
}

// Synced says what a look at the catalog changed, in tmates.
type Synced struct {
	Added     int
	Updated   int
	Removed   int
	Unchanged int
	Errors    []string // what is wrong with single entries, for people; no paths
}
