package v1

import (
	"cmp"
	"net/http"
)

// teammateBody is a hired tmate.
type teammateBody struct {
	Key         string         `json:"key"`
	Name        string         `json:"name"`
	Description *string        `json:"description"`
	Icon        string         `json:"icon"`
	DetailURL   string         `json:"detail_url"`
	SettingsURL string         `json:"settings_url"`
	Metadata    map[string]any `json:"metadata"`
}

// listTeammates serves GET /teammates: whom the organisation employs, in the
// order of hiring. What the registry says today comes before what was copied on
// the day of hiring (Q-A9).
func listTeammates(use staff) func(call) error {
	return func(c call) error {
		who, err := use.Caller(c.ctx(), c.user)
		if err != nil {
			return err
		}
		out := []teammateBody{}
		for _, h := range who.Hires {
			b := teammateBody{
				Key: h.TmateKey, Name: h.Name, Description: orNull(h.Description), Icon: robot,
				DetailURL: detailURL(h.TmateKey), SettingsURL: settingsURL(h.TmateKey),
			}
			if tm := who.Enables(h.TmateKey); tm != nil {
				b.Name, b.Description, b.Icon = tm.Name, orNull(cmp.Or(tm.Description, h.Description)), iconOf(tm)
				if branding := mapAt(tm.Manifest, "branding"); branding != nil {
					b.Metadata = map[string]any{"manifest": map[string]any{"branding": branding}}
				}
			}
			out = append(out, b)
		}
		return writeJSON(c, http.StatusOK, out)
	}
}
