package v1

import (
	"context"
	"net/http"
	"strings"

	"github.com/tmates/tmates/server/team"
	"github.com/tmates/tmates/store/tmates"
)

// preferences is what the settings need from the use-cases.
type preferences interface {
	ReadSettings(ctx context.Context, userID string) (tmates.Settings, error)
	ChangeSettings(ctx context.Context, userID string, change team.SettingsChange) (tmates.Settings, error)
}

type settingsBody struct {
	AllowNotifications bool   `json:"allow_notifications"`
	Mentions           bool   `json:"mentions"`
	DirectMessages     bool   `json:"direct_messages"`
	TeamMessages       bool   `json:"team_messages"`
	UsageAnalytics     bool   `json:"usage_analytics"`
	CrashReports       bool   `json:"crash_reports"`
	ThemePreference    string `json:"theme_preference"`
}

func settingsOf(s tmates.Settings) settingsBody {
	return settingsBody{
		s.AllowNotifications, s.Mentions, s.DirectMessages, s.TeamMessages, s.UsageAnalytics, s.CrashReports, s.Theme,
	}
}

// getSettings serves GET /settings/mobile.
func getSettings(use preferences) func(call) error {
	return func(c call) error {
		s, err := use.ReadSettings(c.ctx(), c.user)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusOK, settingsOf(s))
	}
}

// changeSettings serves PATCH /settings/mobile.
func changeSettings(use preferences) func(call) error {
	return func(c call) error {
		change, err := decodeSettings(c.body)
		if err != nil {
			return err
		}
		s, err := use.ChangeSettings(c.ctx(), c.user, change)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusOK, settingsOf(s))
	}
}

// decodeSettings validates a change: null counts as not given, and at least one
// preference must be given.
func decodeSettings(b body) (change team.SettingsChange, err error) {
	var k checker
	f, ok := k.object(b)
	if !ok {
		return change, k.err()
	}
	change = team.SettingsChange{
		AllowNotifications: f.truth("allow_notifications"), Mentions: f.truth("mentions"), DirectMessages: f.truth("direct_messages"),
		TeamMessages: f.truth("team_messages"), UsageAnalytics: f.truth("usage_analytics"), CrashReports: f.truth("crash_reports"),
	}
	if f.sent("theme_preference") {
		before := len(k.faults)
		theme := strings.ToLower(strings.TrimSpace(f.text("theme_preference", 0)))
		switch theme {
		case "system", "light", "dark":
			change.Theme = &theme
		default:
			if len(k.faults) == before {
				k.value(f.at("theme_preference"), f.in["theme_preference"], "theme_preference must be one of: system, light, dark")
			}
		}
	}
	if len(k.faults) == 0 && change == (team.SettingsChange{}) {
		k.value(f.loc, f.in, "at least one setting must be provided")
	}
	return change, k.err()
}
