package registry

// Schema is the value of the manifest's schema key: this version of the format.
// Without the key a manifest is read the same way, but a key that looks misspelt is
// only a hint then, because an upstream manifest may use it on purpose.
const Schema = "tmates/v1"

// kind is the type a known key of a manifest must have. Any of them may be
// empty (null), which means the key is not there.
type kind string

const (
	anything  kind = "anything"
	aText     kind = "text"
	aMapping  kind = "a mapping"
	aList     kind = "a list"
	texts     kind = "a list of texts"
	entries   kind = "a list of mappings or texts"
	mappings  kind = "a list of mappings"
	textMap   kind = "a mapping of texts"
	oneOrMore kind = "text or a list of texts"
	aSwitch   kind = "true or false"
	aNumber   kind = "a number"
	aCount    kind = "a whole number"
	aDuration kind = "a duration such as 90s or 5m"
)

// field is a known key: its kind and, for mappings and entries, the known keys
// inside.
type field struct {
	kind     kind
	in       map[string]field
	own      bool     // a section of ours: every key inside is known, another one is a mistake
	oneOf    []string // the texts it may have; nil: any
	min, max float64  // of numbers, counts and (in seconds) durations
}

// The bounds of a manifest's numbers.
const (
	maxTokens   = 1e9
	maxWindow   = 1e8
	maxStarters = 8
	maxStarter  = 200 // code points
	maxAliases  = 10
)

// manifestFields are the keys with a meaning. Those of upstream's manifests come
// first (docs: inputs, outputs and keywords of a tool; reference tmate:
// input_requirements, output_format and task_matching) and keep their meaning. The
// last two groups, the top-level keywords and routing are ours. Other keys are kept
// unread.
var manifestFields = map[string]field{
	"name": {kind: aText}, "slug": {kind: aText}, "version": {kind: aText}, "description": {kind: aText},
	"role": {kind: aText}, "category": {kind: aText}, "author": {kind: aText}, "last_updated": {kind: aText},
	"developer_website": {kind: aText}, "privacy_policy": {kind: aText}, "icon": {kind: aText},
	"capabilities": {kind: texts}, "docs": {kind: anything}, "pricing": {kind: anything}, "requires_plan": {kind: anything},
	"branding": {kind: aMapping, in: map[string]field{
		"avatar_url": {kind: aText}, "emoji": {kind: aText}, "color": {kind: aText}, "accent_color": {kind: aText},
	}},
	"playbook": {kind: aMapping, in: map[string]field{"required_params": {kind: aList}, "optional_params": {kind: aList}}},
	"outputs":  {kind: aList},
	"tasks":    {kind: aList},
	"tools":    {kind: entries, in: toolFields},
	"env": {kind: aMapping, in: map[string]field{
		"required": {kind: entries, in: map[string]field{"name": {kind: aText}, "description": {kind: anything}}},
		"optional": {kind: entries, in: map[string]field{"name": {kind: aText}, "description": {kind: anything}}},
	}},
	"ui":       {kind: aMapping, in: map[string]field{"settings": {kind: anything}}},
	"audience": {kind: aMapping, in: map[string]field{"organization_allowlist": {kind: anything}, "org_allow_list": {kind: anything}}},

	"schema": {kind: aText, oneOf: []string{Schema}}, "keywords": {kind: texts},
	"greeting": {kind: aText}, "team_greeting": {kind: aText}, "starters": {kind: texts},

	"brain": {kind: aMapping, own: true, in: map[string]field{
		"kind":     {kind: aText, oneOf: []string{"model", "rules", "composite"}},
		"provider": {kind: aText}, "fallbacks": {kind: texts}, "model": {kind: aText},
		"temperature":       {kind: aNumber, max: 2},
		"effort":            {kind: aText, oneOf: []string{"low", "medium", "high"}},
		"max_output_tokens": {kind: aCount, min: 1, max: maxWindow},
		"context_window":    {kind: aCount, min: 512, max: maxWindow},
		"sure":              {kind: aNumber, min: 0.1, max: 1},
	}},
	"memory": {kind: aMapping, own: true, in: map[string]field{
		"enabled": {kind: aSwitch}, "max_facts": {kind: aCount, min: 1, max: 10000},
	}},
	"permissions": {kind: aMapping, own: true, in: map[string]field{"allow": {kind: texts}, "deny": {kind: texts}}},
	"limits": {kind: aMapping, own: true, in: map[string]field{
		"steps":           {kind: aCount, min: 1, max: 100},
		"timeout":         {kind: aDuration, min: 1, max: 24 * 3600},
		"tokens_per_turn": {kind: aCount, min: 1, max: maxTokens},
		"tokens_per_day":  {kind: aCount, min: 1, max: maxTokens},
		"cost_per_day":    {kind: aNumber, max: maxTokens},
	}},
	"team": {kind: aMapping, own: true, in: map[string]field{
		"aliases": {kind: texts}, "silent": {kind: aSwitch}, "hands": {kind: texts},
	}},
	"tests": {kind: mappings, own: true, in: testFields(maxFollow)},
}

var toolFields = map[string]field{
	"name": {kind: aText}, "display_name": {kind: aText}, "description": {kind: aText}, "categories": {kind: anything},
	"keywords": {kind: texts}, "inputs": {kind: anything}, "outputs": {kind: anything},
	"input_requirements": {kind: aMapping}, "output_format": {kind: aMapping},
	"task_matching": {kind: aMapping, in: map[string]field{
		"keywords": {kind: texts}, "patterns": {kind: texts}, "task_types": {kind: anything},
	}},
	"routing": {kind: aMapping, in: map[string]field{"keywords": {kind: texts}, "patterns": {kind: texts}}},
	"confidence_weights": {kind: aMapping, in: map[string]field{
		"keywords": {kind: aNumber, max: 1}, "patterns": {kind: aNumber, max: 1}, "task_types": {kind: aNumber, max: 1},
	}},
}

// maxFollow is how deep a test may go on in its conversation.
const maxFollow = 8

// testFields are the keys of a test. What follows speaks in the same place and
// remembers the same, so that it has neither facts nor group.
func testFields(depth int) map[string]field {
	f := map[string]field{
		"say": {kind: aText}, "rule": {kind: aText}, "call": {kind: aText}, "expect": {kind: oneOrMore},
		"at": {kind: aText}, "results": {kind: textMap},
	}
	if depth == maxFollow {
		f["facts"], f["group"] = field{kind: texts}, field{kind: aSwitch}
	}
	if depth > 0 {
		f["follow"] = field{kind: mappings, own: true, in: testFields(depth - 1)}
	}
	return f
}
