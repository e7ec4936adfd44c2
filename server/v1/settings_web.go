package v1

import (
	"net/http"
	"slices"
	"strings"

	"github.com/tmates/tmates/server/team"
	"github.com/tmates/tmates/store/tmates"
)

// webSettingsBody is what a person likes of the web app.
type webSettingsBody struct {
	Theme              string `json:"theme"`
	Language           string `json:"language"`
	SendWith           string `json:"send_with"`
	Notifications      bool   `json:"notifications"`
	ChecklistDismissed bool   `json:"checklist_dismissed"`
}

func webSettingsOf(s tmates.Settings) webSettingsBody {
	return webSettingsBody{s.Theme, s.Web.Language, s.Web.SendWith, s.Web.Notifications, s.Web.ChecklistDismissed}
}

// getWebSettings serves GET /settings/web.
func getWebSettings(use preferences) func(call) error {
	return func(c call) error {
		s, err := use.ReadSettings(c.ctx(), c.user)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusOK, webSettingsOf(s))
	}
}

// changeWebSettings serves PATCH /settings/web.
func changeWebSettings(use preferences) func(call) error {
	return func(c call) error {
		change, err := decodeWebSettings(c.body)
		if err != nil {
			return err
		}
		s, err := use.ChangeSettings(c.ctx(), c.user, change)
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusOK, webSettingsOf(s))
	}
}

// decodeWebSettings validates a change: null counts as not given, and at least
// one preference must be given.
func decodeWebSettings(b body) (change team.SettingsChange, err error) {
	var k checker
	f, ok := k.object(b)
	if !ok {
		return change, k.err()
	}
	change = team.SettingsChange{
		Theme: f.choice("theme", "system", "light", "dark"), Language: f.choice("language", "system", "en", "de"),
		SendWith:         f.choice("send_with", "enter", "ctrl_enter"),
		WebNotifications: f.truth("notifications"), ChecklistDismissed: f.truth("checklist_dismissed"),
	}
	if len(k.faults) == 0 && change == (team.SettingsChange{}) {
		k.value(f.loc, f.in, "at least one setting must be provided")
	}
	return change, k.err()
}

// choice reads one of some words; nil when it is not given.
func (f fields) choice(name string, words ...string) *string {
	if !f.sent(name) {
		return nil
	}
	word, ok := f.in[name].(string)
	if !ok || !slices.Contains(words, word) {
		f.k.value(f.at(name), f.in[name], name+" must be one of: "+strings.Join(words, ", "))
		return nil
	}
	return &word
}
