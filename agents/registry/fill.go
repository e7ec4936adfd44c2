package registry

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store/tmates"
)

var (
	envName      = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`) })
	toolName     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]{0,63}$`) })
	providerName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`) })
)

// defaultSure is the score from which the rules of a composite answer.
const defaultSure = 0.7

// fill takes the fields of the tmate from its manifest, whose values have the
// kinds of manifestFields.
func (d *manifestReader) fill(t *agents.Tmate, root *yaml.Node) {
	m := t.Manifest
	branding := mapping(m["branding"])
	if name := strings.Join(strings.Fields(text(m["name"])), " "); name != "" {
		t.Name = name
	}
	if utf8.RuneCountInString(t.Name) > maxName || strings.ContainsFunc(t.Name, unicode.IsControl) {
		d.fail(valueOf(root, "name"), "name must be at most %d printable characters", maxName)
	}
	t.Description = text(m["description"])
	t.Icon = text(m["icon"])
	if t.Icon == "" {
		t.Icon = text(branding["emoji"])
	}
	t.Color = text(branding["color"])
	t.Role = text(m["role"])
	t.Category = text(m["category"])
	t.Greeting = text(m["greeting"])
	t.TeamGreeting = text(m["team_greeting"])
	t.Capabilities = textList(m["capabilities"])
	t.Abilities = d.abilities(m, root)
	t.Keywords = keywords(m, t.Abilities)
	t.RequiredEnv = textList(mapping(m["env"])["required"])
	d.names(valueOf(root, "env"), "env.required", t.RequiredEnv, envName, "the name of an environment variable")
	t.Starters = textList(m["starters"])
	if len(t.Starters) > maxStarters || slices.ContainsFunc(t.Starters, func(s string) bool { return utf8.RuneCountInString(s) > maxStarter }) {
		d.fail(valueOf(root, "starters"), "starters are at most %d texts of at most %d characters", maxStarters, maxStarter)
	}
	t.Tests = d.tests(valueOf(root, "tests"), m["tests"])
	d.fillSections(t, root)
}

// fillSections takes the sections of tmates/v1 that are mappings.
func (d *manifestReader) fillSections(t *agents.Tmate, root *yaml.Node) {
	m := t.Manifest
	brain := mapping(m["brain"])
	t.Thinking = agents.Thinking{
		Kind: text(brain["kind"]), Provider: text(brain["provider"]), Fallbacks: textList(brain["fallbacks"]),
		Sure: number(brain["sure"], defaultSure),
		Asking: agents.Asking{
			Model: text(brain["model"]), Effort: text(brain["effort"]),
			MaxOutputTokens: int(number(brain["max_output_tokens"], 0)), Window: int(number(brain["context_window"], 0)),
		},
	}
	if _, set := brain["temperature"]; set && brain["temperature"] != nil {
		v := number(brain["temperature"], 0)
		t.Thinking.Asking.Temperature = &v
	}
	d.names(valueOf(root, "brain"), "brain.provider", some(t.Thinking.Provider), providerName, "the name of a provider")
	d.names(valueOf(root, "brain"), "brain.fallbacks", t.Thinking.Fallbacks, providerName, "the name of a provider")

	memory := mapping(m["memory"])
	t.Memory = agents.MemoryPolicy{Off: memory["enabled"] == false, MaxFacts: int(number(memory["max_facts"], 0))}

	permissions := mapping(m["permissions"])
	t.Permissions = agents.Permissions{Allow: textList(permissions["allow"]), Deny: textList(permissions["deny"])}
	if permissions["allow"] != nil && t.Permissions.Allow == nil {
		t.Permissions.Allow = []string{} // an empty list allows nothing
	}
	d.names(valueOf(root, "permissions"), "permissions", slices.Concat(t.Permissions.Allow, t.Permissions.Deny), toolName, "the name of a tool")

	limits := mapping(m["limits"])
	t.Limits = agents.Limits{
		Steps: int(number(limits["steps"], 0)), TokensPerTurn: int64(number(limits["tokens_per_turn"], 0)),
		TokensPerDay: int64(number(limits["tokens_per_day"], 0)), CostPerDay: number(limits["cost_per_day"], 0),
	}
	t.Limits.Timeout, _ = duration(text(limits["timeout"]))

	team := mapping(m["team"])
	t.Team = agents.TeamPolicy{Aliases: textList(team["aliases"]), Silent: team["silent"] == true, Hands: textList(team["hands"])}
	if team["hands"] != nil && t.Team.Hands == nil {
		t.Team.Hands = []string{} // an empty list is nobody
	}
	for _, key := range t.Team.Hands {
		if !tmates.ValidKey(key) {
			d.fail(valueOf(root, "team"), "team.hands: %q is not the key of a teammate", clip(key))
		}
	}
	for _, alias := range t.Team.Aliases {
		if utf8.RuneCountInString(alias) > maxName || strings.ContainsFunc(alias, unicode.IsControl) || len(t.Team.Aliases) > maxAliases {
			d.fail(valueOf(root, "team"), "team.aliases are at most %d names of at most %d printable characters", maxAliases, maxName)
			break
		}
	}
}

func some(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// names checks that each of the names has the form.
func (d *manifestReader) names(n *yaml.Node, what string, names []string, form func() *regexp.Regexp, is string) {
	for _, name := range names {
		if !form().MatchString(name) {
			d.fail(n, "%s: %q is not %s", what, clip(name), is)
		}
	}
}

// The weights of a tool that names none.
const (
	keywordWeight  = 0.6
	patternWeight  = 0.3
	taskTypeWeight = 0.1
)

const (
	maxPatterns = 60 // of one tool
	maxPattern  = 500
)

// abilities reads the tools, in both styles of naming.
func (d *manifestReader) abilities(m map[string]any, root *yaml.Node) (all []agents.Ability) {
	tools, _ := m["tools"].([]any)
	for i, item := range tools {
		tool := mapping(item)
		matching, routing, weights := mapping(tool["task_matching"]), mapping(tool["routing"]), mapping(tool["confidence_weights"])
		name := text(item)
		if name == "" {
			name = text(tool["name"])
		}
		all = append(all, agents.Ability{
			Name:     name,
			Keywords: lower(textList(tool["keywords"]), textList(matching["keywords"]), textList(routing["keywords"])),
			Patterns: slices.Concat(textList(matching["patterns"]), textList(routing["patterns"])),
			Weights: agents.Weights{
				Keywords: number(weights["keywords"], keywordWeight), Patterns: number(weights["patterns"], patternWeight),
				TaskTypes: number(weights["task_types"], taskTypeWeight),
			},
		})
		d.patterns(resolved(valueOf(root, "tools")).Content[i], fmt.Sprintf("tools[%d]", i))
	}
	return all
}

// patterns checks that the patterns of a tool are RE2.
func (d *manifestReader) patterns(tool *yaml.Node, what string) {
	for _, section := range []string{"task_matching", "routing"} {
		list := child(child(tool, section), "patterns")
		if list == nil || list.Kind != yaml.SequenceNode {
			continue
		}
		if len(list.Content) > maxPatterns {
			d.fail(list, "%s.%s.patterns has more than %d patterns", what, section, maxPatterns)
			continue
		}
		for i, n := range list.Content {
			at := fmt.Sprintf("%s.%s.patterns[%d]", what, section, i)
			src := strings.TrimSpace(resolved(n).Value)
			if len(src) > maxPattern {
				d.fail(n, "%s is longer than %d bytes", at, maxPattern)
			} else if _, err := regexp.Compile("(?i)" + src); err != nil {
				d.fail(n, "%s is not a regular expression of RE2: %s", at, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
			}
		}
	}
}

// testTimes are how a test may say when it is: in the person's time.
var testTimes = []string{"2006-01-02 15:04", "2006-01-02T15:04", time.RFC3339}

// tests reads the tests of n, whose value is v.
func (d *manifestReader) tests(n *yaml.Node, v any) (all []agents.Test) {
	n = resolved(n)
	items, _ := v.([]any)
	for i, item := range items {
		line := n.Content[i]
		m := mapping(item)
		test := agents.Test{
			Say: text(m["say"]), Line: line.Line, Rule: text(m["rule"]), Call: text(m["call"]), Expect: textList(m["expect"]),
			Facts: textList(m["facts"]), Group: m["group"] == true,
		}
		if s := text(m["expect"]); s != "" {
			test.Expect = []string{s}
		}
		if test.Say == "" {
			d.fail(line, "the test says nothing: write say")
		} else if test.Rule == "" && test.Call == "" && test.Expect == nil && m["follow"] == nil {
			d.fail(line, "the test expects nothing: write rule, call or expect")
		}
		if at := text(m["at"]); at != "" {
			var ok bool
			if test.At, ok = parseTime(at); !ok {
				d.fail(line, "at must be a time such as 2026-11-25 18:30, not %q", clip(at))
			}
		}
		for name, result := range mapping(m["results"]) {
			if test.Results == nil {
				test.Results = map[string]string{}
			}
			test.Results[name] = text(result)
		}
		if follow := child(line, "follow"); follow != nil {
			test.Follow = d.tests(follow, m["follow"])
		}
		all = append(all, test)
	}
	return all
}

func parseTime(s string) (time.Time, bool) {
	for _, form := range testTimes {
		if at, err := time.Parse(form, s); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// keywords collects what routes a question to the tmate, each word once.
func keywords(m map[string]any, abilities []agents.Ability) []string {
	all := lower(textList(m["keywords"]))
	for _, a := range abilities {
		all = lower(all, a.Keywords)
	}
	return all
}

// lower joins lists of words, in lower case and each word once.
func lower(lists ...[]string) (out []string) {
	for _, word := range slices.Concat(lists...) {
		if word = strings.ToLower(word); !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}

func text(v any) string {
	s, _ := v.(string)
	return strings.TrimSpace(s)
}

func mapping(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// number returns v, or what holds when it is not there.
func number(v any, otherwise float64) float64 {
	switch v := v.(type) {
	case int:
		return float64(v)
	case int64: // on 32 bits
		return float64(v)
	case float64:
		return v
	}
	return otherwise
}

// textList returns the texts of a list, and the names of the mappings in it.
func textList(v any) []string {
	items, _ := v.([]any)
	var out []string
	for _, item := range items {
		s := text(item)
		if s == "" {
			s = text(mapping(item)["name"])
		}
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

func resolved(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// child returns the value of a key written in a mapping, or nil.
func child(n *yaml.Node, key string) *yaml.Node {
	if n = resolved(n); n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return resolved(n.Content[i+1])
		}
	}
	return nil
}

// valueOf returns the node of a top-level key, or the mapping itself.
func valueOf(root *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == key {
			return root.Content[i+1]
		}
	}
	return root
}
