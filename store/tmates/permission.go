package tmates

import (
	"slices"
	"time"
)

// MemberRisk is the most a tmate may risk in a turn of a plain member, by the
// names of the risks a tool can have.
type MemberRisk string

// RiskAny lets members do with a tmate what owners may.
const RiskAny MemberRisk = "spend"

// MemberRisks returns the risks from the least to the most: nothing but
// computing, reading, keeping for the user, showing to others, making others
// work.
func MemberRisks() []MemberRisk { return []MemberRisk{"none", "read", "write", "share", RiskAny} }

// Level is the place of a risk among [MemberRisks]; -1 when it is none of them.
func (r MemberRisk) Level() int { return slices.Index(MemberRisks(), r) }

// Permissions is what an organisation lets a tmate do. It can only take away
// from what the tmate's manifest asks for.
type Permissions struct {
	Allow      []string   // names of tools; nil: all
	Deny       []string   // wins over Allow
	MemberRisk MemberRisk // for turns of members who are neither owner nor admin
	UpdatedAt  time.Time  // zero: nothing was ever set
}

// Allows reports whether the organisation lets the tmate use a tool.
func (p Permissions) Allows(tool string) bool {
	return (p.Allow == nil || slices.Contains(p.Allow, tool)) && !slices.Contains(p.Deny, tool)
}
