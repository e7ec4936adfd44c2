package team

import (
	"context"
	"strings"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// Profile is what a user sees of themselves.
type Profile struct {
	User      tmates.User
	AvatarURL string
	Role      tmates.Role
}

// ReadProfile returns the caller's profile.
func (t *Team) ReadProfile(ctx context.Context, userID string) (p Profile, err error) {
	c, err := t.Caller(ctx, userID)
	if err != nil {
		return p, err
	}
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		kept, err := tx.Profile(ctx, userID)
		p = Profile{User: c.User, AvatarURL: kept.AvatarURL, Role: c.Role}
		return err
	})
	return p, err
}

// ProfileChange is what a user may change; empty fields stay as they are.
type ProfileChange struct {
	DisplayName string
	AvatarURL   string
	Email       string // only accepted when it is the address the account has
}

// ChangeProfile changes the caller's name or avatar.
func (t *Team) ChangeProfile(ctx context.Context, userID string, change ProfileChange) (p Profile, err error) {
	err = t.write(ctx, userID, func(ctx context.Context, tx *store.Tx, c Caller) error {
		if change.Email != "" && !strings.EqualFold(change.Email, c.User.Email) {
			return tmates.E(tmates.Invalid, "email_change", nil, "Email updates require verification via the authentication flow.")
		}
		if change.DisplayName != "" {
			if c.User.Metadata == nil {
				c.User.Metadata = map[string]any{}
			}
			c.User.Metadata["full_name"] = change.DisplayName
			if c.User, err = tx.UpdateUser(ctx, c.User); err != nil {
				return err
			}
		}
		kept, err := tx.Profile(ctx, userID)
		if err != nil {
			return err
		}
		if change.AvatarURL != "" {
			kept.AvatarURL = change.AvatarURL
			if err := tx.PutProfile(ctx, kept); err != nil {
				return err
			}
		}
		p = Profile{User: c.User, AvatarURL: kept.AvatarURL, Role: c.Role}
		return nil
	})
	return p, err
}

// ReadSettings returns the caller's preferences.
func (t *Team) ReadSettings(ctx context.Context, userID string) (s tmates.Settings, err error) {
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		s, err = tx.Settings(ctx, userID)
		return err
	})
	return s, err
}

// SettingsChange holds the preferences to change; nil ones stay as they are.
type SettingsChange struct {
	AllowNotifications, Mentions, DirectMessages, TeamMessages, UsageAnalytics, CrashReports *bool
	Theme                                                                                    *string
	Language, SendWith                                                                       *string // of the web app, as is what follows
	WebNotifications, ChecklistDismissed                                                     *bool
}

// ChangeSettings changes some of the caller's preferences. Turning
// notifications off turns their three kinds off too, unless the same change
// sets them; turning them on restores nothing.
func (t *Team) ChangeSettings(ctx context.Context, userID string, change SettingsChange) (s tmates.Settings, err error) {
	err = t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if s, err = tx.Settings(ctx, userID); err != nil {
			return err
		}
		if change.AllowNotifications != nil && !*change.AllowNotifications {
			s.Mentions, s.DirectMessages, s.TeamMessages = false, false, false
		}
		set(&s.AllowNotifications, change.AllowNotifications)
		set(&s.Mentions, change.Mentions)
		set(&s.DirectMessages, change.DirectMessages)
		set(&s.TeamMessages, change.TeamMessages)
		set(&s.UsageAnalytics, change.UsageAnalytics)
		set(&s.CrashReports, change.CrashReports)
		set(&s.Theme, change.Theme)
		set(&s.Web.Language, change.Language)
		set(&s.Web.SendWith, change.SendWith)
		set(&s.Web.Notifications, change.WebNotifications)
		set(&s.Web.ChecklistDismissed, change.ChecklistDismissed)
		return tx.PutSettings(ctx, userID, s)
	})
	return s, err
}

func set[T any](to *T, v *T) {
	if v != nil {
		*to = *v
	}
}
