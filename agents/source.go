package agents

import "fmt"

// Origin says where a tmate comes from.
type Origin string

// The origins.
const (
	OriginBuiltin Origin = "builtin" // it comes with the program
	OriginLocal   Origin = "local"   // its folder is in the data folder, the only one that may be written
	OriginCatalog Origin = "catalog" // others publish it
)

// Source is a tmate as it is written.
type Source struct {
	Manifest string       // the text of [ManifestName]
	Files    []SourceFile // the rules and prompts it has, in the order of [SourceNames]
}

// ManifestName is what the manifest is called in the tmate's folder.
const ManifestName = "manifest.yaml"

// SourceFile is a text beside the manifest.
type SourceFile struct {
	Name    string // one of [SourceNames]
	Content string
}

// SourceNames returns the files a source may have beside its manifest, relative
// to the tmate's folder, with forward slashes.
func SourceNames() []string {
	return []string{
		"rules.yaml", "prompts/brain/system.txt", "prompts/brain/cognition.txt", "prompts/brain/affect.txt", "prompts/brain/behavior.txt",
	}
}

// Fault is something wrong with a source.
type Fault struct {
	File   string // relative to the tmate's folder; empty when none is to blame
	Line   int    // from 1; 0 when unknown
	Column int    // from 1; 0 when unknown
	Text   string
	Hint   bool // looks like a mistake, but the tmate works
}

// Checked is what a look at a source found.
type Checked struct {
	Key    string // the tmate's key; empty when the source names none that could be one
	Tmate  *Tmate // nil when something keeps the source from being a tmate
	Faults []Fault
	Line   int // of the manifest, where the key or the name it is made of stands; 0 when nowhere
	Column int
}

// OK reports whether the source may be kept: there is nothing but hints.
func (c Checked) OK() bool {
	for _, f := range c.Faults {
		if !f.Hint {
			return false
		}
	}
	return c.Tmate != nil
}

// Refused is the failure to keep a source that has faults.
type Refused []Fault

// Error tells how many there are, and nothing of what was sent.
func (r Refused) Error() string { return fmt.Sprintf("the source of a tmate has %d faults", len(r)) }
