package v1

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/server/team"
	"github.com/tmates/tmates/store/tmates"
)

// staff is what the store of tmates needs from the use-cases.
type staff interface {
	Installed() []*agents.Tmate
	Visible(c team.Caller) []*agents.Tmate
	Caller(ctx context.Context, userID string) (team.Caller, error)
	Hire(ctx context.Context, userID, nameOrKey string) (*agents.Tmate, error)
	Dismiss(ctx context.Context, userID, nameOrKey string) (key string, err error)
}

// robot stands in where a list needs an icon and the tmate brings none.
const robot = "🤖"

// metadataBody is what the wire says about a tmate. The maps of the manifest
// come and go with it; everything else is always there.
type metadataBody struct {
	Key         string         `json:"key"`
	Name        string         `json:"name"`
	Description string         `json:"description"`
	Icon        *string        `json:"icon"`
	Docs        *string        `json:"docs"`
	Manifest    map[string]any `json:"manifest,omitempty"`
	Branding    map[string]any `json:"branding,omitempty"`
	UI          map[string]any `json:"ui,omitempty"`
	Settings    map[string]any `json:"settings,omitempty"`
	// Of tmates from the catalog only.
	DeveloperWebsite string `json:"developer_website,omitempty"`
	PrivacyPolicy    string `json:"privacy_policy,omitempty"`
	Version          string `json:"version,omitempty"`
	*accessBody
}

// accessBody is what a tmate is to the caller. Hired and what follows are
// additions: the official client's types declare them (Q-A2).
type accessBody struct {
	AgentKey          string   `json:"agent_key"`
	PlatformAvailable bool     `json:"platform_available"`
	UserEnabled       bool     `json:"user_enabled"`
	CanUse            bool     `json:"can_use"`
	Status            string   `json:"status"`
	Hired             bool     `json:"hired"`
	Role              *string  `json:"role"`
	Category          *string  `json:"category"`
	Color             *string  `json:"color"`
	Capabilities      []string `json:"capabilities"`
	DetailURL         string   `json:"detail_url"`
	SettingsURL       string   `json:"settings_url"`
}

func detailURL(key string) string   { return "/agents/" + key }
func settingsURL(key string) string { return "/agents/" + key + "/settings" }

// metadataOf describes a tmate without saying what it is to anybody.
func metadataOf(tm *agents.Tmate) metadataBody {
	m := metadataBody{
		Key: tm.Key, Name: tm.Name, Description: describe(tm), Icon: orNull(tm.Icon), Manifest: tm.Manifest,
		Branding: mapAt(tm.Manifest, "branding"), UI: mapAt(tm.Manifest, "ui"),
	}
	m.Settings = mapAt(m.UI, "settings")
	if docs, ok := tm.Manifest["docs"].(string); ok {
		m.Docs = orNull(docs)
	}
	if tm.Offer != nil {
		m.DeveloperWebsite, _ = tm.Manifest["developer_website"].(string)
		m.PrivacyPolicy, _ = tm.Manifest["privacy_policy"].(string)
		m.Version = tm.Offer.Version
	}
	return m
}

// accessTo describes an installed tmate and what it is to the caller.
func accessTo(tm *agents.Tmate, c team.Caller) metadataBody {
	m := metadataOf(tm)
	hired := c.Enables(tm.Key) != nil
	status := "not_enabled"
	if hired {
		status = "available"
	}
	m.accessBody = &accessBody{
		AgentKey: tm.Key, PlatformAvailable: true, UserEnabled: hired, CanUse: hired, Status: status, Hired: hired,
		Role: orNull(tm.Role), Category: orNull(tm.Category), Color: orNull(tm.Color), Capabilities: tm.Capabilities,
		DetailURL: detailURL(tm.Key), SettingsURL: settingsURL(tm.Key),
	}
	return m
}

func describe(tm *agents.Tmate) string {
	if tm.Description == "" {
		return tmates.TitleCase(tm.Key) + " Agent"
	}
	return tm.Description
}

func mapAt(m map[string]any, key string) map[string]any {
	inner, _ := m[key].(map[string]any)
	return inner
}

func keysOf(all []*agents.Tmate) []string {
	keys := make([]string, len(all))
	for i, tm := range all {
		keys[i] = tm.Key
	}
	return keys
}

// agentsMetadata serves GET /agents/metadata. Nobody hired is an empty list,
// not everybody (Q-A3).
func agentsMetadata(use staff) func(call) error {
	type summary struct {
		CanUse       []string `json:"can_use"`
		NotEnabled   []string `json:"not_enabled"`
		NotInstalled []string `json:"not_installed"`
	}
	type answer struct {
		PlatformAgents    []string                `json:"platform_agents"`
		UserEnabledAgents []string                `json:"user_enabled_agents"`
		AgentsMetadata    map[string]metadataBody `json:"agents_metadata"`
		PlatformTotal     int                     `json:"platform_total"`
		UserEnabledCount  int                     `json:"user_enabled_count"`
		AccessSummary     summary                 `json:"access_summary"`
	}
	return func(c call) error {
		who, err := use.Caller(c.ctx(), c.user)
		if err != nil {
			return err
		}
		visible := use.Visible(who)
		installed := keysOf(visible)
		slices.Sort(installed)
		out := answer{
			PlatformAgents: installed, UserEnabledAgents: keysOf(who.Enabled), AgentsMetadata: map[string]metadataBody{},
			PlatformTotal: len(installed), UserEnabledCount: len(who.Enabled),
			AccessSummary: summary{CanUse: []string{}, NotEnabled: []string{}, NotInstalled: []string{}},
		}
		for _, tm := range visible {
			out.AgentsMetadata[tm.Key] = accessTo(tm, who)
		}
		for _, key := range installed {
			list := &out.AccessSummary.NotEnabled
			if who.Enables(key) != nil {
				list = &out.AccessSummary.CanUse
			}
			*list = append(*list, key)
		}
		return writeJSON(c, http.StatusOK, out)
	}
}

// agentsEnabled serves GET /agents/enabled.
func agentsEnabled(use staff) func(call) error {
	type answer struct {
		UserEnabledAgents []string                `json:"user_enabled_agents"`
		UsableAgents      []string                `json:"usable_agents"`
		AgentsMetadata    map[string]metadataBody `json:"agents_metadata"`
		UserEnabledCount  int                     `json:"user_enabled_count"`
		UsableCount       int                     `json:"usable_count"`
		UnavailableCount  int                     `json:"unavailable_count"`
	}
	return func(c call) error {
		who, err := use.Caller(c.ctx(), c.user)
		if err != nil {
			return err
		}
		keys := keysOf(who.Enabled)
		out := answer{
			UserEnabledAgents: keys, UsableAgents: keys, AgentsMetadata: map[string]metadataBody{},
			UserEnabledCount: len(keys), UsableCount: len(keys),
		}
		for _, tm := range who.Enabled {
			out.AgentsMetadata[tm.Key] = accessTo(tm, who)
		}
		return writeJSON(c, http.StatusOK, out)
	}
}

// agentMetadata serves GET /agents/:agent_key/metadata. An unknown key is not an
// error of HTTP, as upstream.
func agentMetadata(use staff) func(call) error {
	return func(c call) error {
		key, err := pathValue(c, "agent_key")
		if err != nil {
			return err
		}
		who, err := use.Caller(c.ctx(), c.user)
		if err != nil {
			return err
		}
		for _, tm := range use.Visible(who) {
			if tm.Key == key {
				return writeJSON(c, http.StatusOK, accessTo(tm, who))
			}
		}
		return writeJSON(c, http.StatusOK, map[string]string{"error": "Agent '" + key + "' is not installed on this platform"})
	}
}

// insideKeys are the keys of a manifest that strangers do not see: they tell how
// the server is set up.
var insideKeys = []string{"env", "brain", "permissions", "limits"}

// agentsPlatform serves GET /agents/platform. Who shows no valid token is not
// told which environment variables a tmate wants (Q-A7), nor what it thinks with
// and what it may do.
func agentsPlatform(use staff, auth authenticate) func(call) error {
	type answer struct {
		PlatformAgents []string                `json:"platform_agents"`
		AgentsMetadata map[string]metadataBody `json:"agents_metadata"`
		PlatformTotal  int                     `json:"platform_total"`
	}
	return func(c call) error {
		token, err := bearer(c.Request())
		if err == nil {
			_, _, err = auth.check(c.ctx(), token)
		}
		stranger := err != nil
		all := use.Installed()
		installed := keysOf(all)
		slices.Sort(installed)
		out := answer{PlatformAgents: installed, AgentsMetadata: map[string]metadataBody{}, PlatformTotal: len(installed)}
		for _, tm := range all {
			m := metadataOf(tm)
			if stranger && m.Manifest != nil {
				m.Manifest = maps.Clone(m.Manifest)
				for _, key := range insideKeys {
					delete(m.Manifest, key)
				}
			}
			out.AgentsMetadata[tm.Key] = m
		}
		return writeJSON(c, http.StatusOK, out)
	}
}

// agentStore serves GET /agents/store: local tmates and those of the catalog in
// one list (Q-A6).
func agentStore(use staff) func(call) error {
	type entry struct {
		Key         string `json:"key"`
		Name        string `json:"name"`
		Description string `json:"description"`
		Icon        string `json:"icon"`
		Hired       bool   `json:"hired"`
		Source      string `json:"source"` // an addition: the list is merged
		*offerBody
	}
	type answer struct {
		AvailableAgents []entry `json:"available_agents"`
		HiredCount      int     `json:"hired_count"`
		AvailableCount  int     `json:"available_count"`
		Organization    string  `json:"organization"`
		Source          string  `json:"source"`
	}
	return func(c call) error {
		who, err := use.Caller(c.ctx(), c.user)
		if err != nil {
			return err
		}
		out := answer{AvailableAgents: []entry{}, HiredCount: len(who.Hires), Organization: who.Organisation.Name, Source: sourceLocal}
		for _, tm := range use.Visible(who) {
			e := entry{Key: tm.Key, Name: tm.Name, Description: tm.Description, Icon: iconOf(tm), Hired: who.Hired(tm.Key), Source: sourceLocal}
			if tm.Offer != nil {
				e.Source, out.Source = sourceCatalog, sourceCatalog
				e.offerBody = offerOf(tm)
			}
			out.AvailableAgents = append(out.AvailableAgents, e)
		}
		out.AvailableCount = len(out.AvailableAgents)
		return writeJSON(c, http.StatusOK, out)
	}
}

func iconOf(tm *agents.Tmate) string {
	if tm == nil || tm.Icon == "" {
		return robot
	}
	return tm.Icon
}

// manageBody answers hiring and dismissing.
type manageBody struct {
	Success  bool   `json:"success"`
	Action   string `json:"action"`
	AgentKey string `json:"agent_key"`
	Message  string `json:"message"`
}

// manageAgent serves POST /agents/manage: hire or dismiss.
func manageAgent(use staff) func(call) error {
	return func(c call) error {
		var k checker
		in := k.texts([]any{"body"}, c.body.value)
		if err := k.err(); err != nil {
			return err
		}
		key, action := strings.TrimSpace(in["agent_key"]), strings.TrimSpace(in["action"])
		switch {
		case key == "":
			return errNoKey
		case action == "add" || action == "hire":
			return hire(c, use, key)
		case action == "remove" || action == "dismiss":
			return dismiss(c, use, key)
		}
		return tmates.E(tmates.Invalid, "action_unknown", nil, "action must be 'add' or 'remove'")
	}
}

var errNoKey = tmates.E(tmates.Invalid, "agent_key_required", nil, "agent_key is required")

// hireAgent serves POST /agents/hire, and dismissAgent POST /agents/dismiss: the
// documented forms of manage. The documentation shows no body, so the key may
// stand in one as agent_key or key, or in the query (D-1).
func hireAgent(use staff) func(call) error { return named(use, hire) }

// dismissAgent serves POST /agents/dismiss.
func dismissAgent(use staff) func(call) error { return named(use, dismiss) }

func named(use staff, do func(c call, use staff, key string) error) func(call) error {
	return func(c call) error {
		in := map[string]string{}
		if c.body.value != nil {
			var k checker
			in = k.texts([]any{"body"}, c.body.value)
			if err := k.err(); err != nil {
				return err
			}
		}
		query := c.QueryParams()
		key := strings.TrimSpace(cmp.Or(in["agent_key"], in["key"], query.Get("agent_key"), query.Get("key")))
		if key == "" {
			return errNoKey
		}
		return do(c, use, key)
	}
}

func hire(c call, use staff, key string) error {
	tm, err := use.Hire(c.ctx(), c.user, key)
	if err != nil {
		return err
	}
	return writeJSON(c, http.StatusOK, manageBody{true, "added", tm.Key, tm.Name + " is on your team."})
}

func dismiss(c call, use staff, key string) error {
	key, err := use.Dismiss(c.ctx(), c.user, key)
	if err != nil {
		return err
	}
	return writeJSON(c, http.StatusOK, manageBody{true, "removed", key, "Agent '" + key + "' is not on your team."})
}
