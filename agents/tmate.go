package agents

import (
	"slices"
	"time"
)

// Tmate is a teammate as the registry read it. It is never changed after
// loading; a reload makes a new one.
type Tmate struct {
	Key         string
	Name        string
	Description string
	Icon        string // emoji; empty when the manifest names none
	Color       string
	Role        string
	Category    string
	// Capabilities and Keywords feed the choice of a speaker in Team Chat.
	Capabilities []string
	Keywords     []string
	Abilities    []Ability      // what the manifest says of its tools
	Greeting     string         // first message of a new direct thread; may be empty
	TeamGreeting string         // first message of a new Team Chat; may be empty
	Manifest     map[string]any // the manifest without its tests, unknown keys included
	RequiredEnv  []string       // names from env.required
	Prompt       string         // system prompt, built from prompts/brain/*.txt
	Rules        Brain          // compiled rules; nil when the tmate has none
	Offer        *Offer         // what the catalog says about it; nil for a local tmate

	Starters    []string // things to say first, for a client's buttons
	Thinking    Thinking
	Memory      MemoryPolicy
	Permissions Permissions
	Limits      Limits
	Team        TeamPolicy
	Tests       []Test
}

// Ability is one entry of a manifest's tools: what routes a question to the
// tmate. The two ways of writing it read the same.
type Ability struct {
	Name     string
	Keywords []string // lower case
	Patterns []string // RE2, ignoring case
	Weights  Weights
}

// Weights say how much a kind of match counts, 0 to 1 each.
type Weights struct {
	Keywords, Patterns, TaskTypes float64
}

// What Thinking.Kind may be.
const (
	ThinkAuto      = ""          // the model when one is connected, else the rules
	ThinkModel     = "model"     // the model only; without one the tmate says so
	ThinkRules     = "rules"     // the rules only, whatever is connected
	ThinkComposite = "composite" // the rules when they are sure, else the model; the rules again when it is down
)

// Thinking is the manifest's brain section.
type Thinking struct {
	Kind      string
	Provider  string   // name of a provider; empty: the default
	Fallbacks []string // providers asked when the first fails before it has said anything, in order
	Asking    Asking
	Sure      float64 // score from which the rules of a composite answer, 0.1 to 1; default 0.7
}

// MemoryPolicy is the manifest's memory section.
type MemoryPolicy struct {
	Off      bool
	MaxFacts int // per session; 0: the server's bound
}

// Permissions is the manifest's permissions section: what the tmate may do at
// most. Owner and role of the user can only take away from it.
type Permissions struct {
	Allow []string // names of tools; nil: all
	Deny  []string // wins over Allow
}

// Allows reports whether the manifest lets the tmate use a tool.
func (p Permissions) Allows(tool string) bool {
	return (p.Allow == nil || slices.Contains(p.Allow, tool)) && !slices.Contains(p.Deny, tool)
}

// memoryTools are the tools that work on what a tmate remembers.
var memoryTools = []string{"remember", "recall", "forget"}

// MayUse reports whether the manifest lets the tmate use a tool: its
// permissions name it, and it is none of memory's when memory is off.
func (t *Tmate) MayUse(tool string) bool {
	return t.Permissions.Allows(tool) && (!t.Memory.Off || !slices.Contains(memoryTools, tool))
}

// Limits is the manifest's limits section. 0 leaves a limit to the server; a
// manifest can lower the server's limits, never raise them.
type Limits struct {
	Steps         int           // brain calls of a turn
	Timeout       time.Duration // of a turn
	TokensPerTurn int64
	TokensPerDay  int64   // of the tmate and organisation
	CostPerDay    float64 // in the currency of the rate sheet
}

// LowerLimit returns the lower of two limits, of which 0 is none.
func LowerLimit[T int | int64 | float64 | time.Duration](a, b T) T {
	if a > 0 && b > 0 {
		return min(a, b)
	}
	return max(a, b)
}

// TeamPolicy is the manifest's team section: how the tmate behaves in Team Chat.
type TeamPolicy struct {
	Aliases []string // further names people may call it by
	Silent  bool     // speaks only when addressed
	Hands   []string // keys of the teammates it may hand over to or ask; nil: all
}

// Test is one entry of the manifest's tests: what is said, and what the rules
// must answer.
type Test struct {
	Say     string            // the question
	Line    int               // of the manifest, from 1
	Rule    string            // name of the rule that must answer; empty: any
	Call    string            // tool that must be called; empty: any or none
	Expect  []string          // texts that the answer or a call must hold, ignoring case
	Follow  []Test            // said afterwards, in the same conversation, by the same person
	Facts   []string          // what is remembered; of the conversation, so not in a Follow
	Group   bool              // Team Chat; of the conversation, too
	At      time.Time         // when it is said; zero: a Wednesday morning
	Results map[string]string // what tools answer, by name; a tool without one answers its own call
}
