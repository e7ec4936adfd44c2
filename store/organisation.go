package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/tmates/tmates/store/tmates"
)

// AddOrganisation keeps a new organisation.
func (tx *Tx) AddOrganisation(ctx context.Context, o tmates.Organisation) error {
	_, err := tx.exec(ctx, "add organisation",
		`INSERT INTO organisations (id, name, type, own_workspace, created_at) VALUES (?, ?, ?, ?, ?)`,
		o.ID, o.Name, o.Type, o.Own, micros(o.CreatedAt))
	return err
}

// RenameOrganisation gives an organisation another name.
func (tx *Tx) RenameOrganisation(ctx context.Context, id, name string) error {
	_, err := tx.exec(ctx, "rename organisation", `UPDATE organisations SET name = ? WHERE id = ?`, name, id)
	return err
}

// AddMember gives a user a place in an organisation. Doing it twice changes
// nothing.
func (tx *Tx) AddMember(ctx context.Context, m tmates.Member) error {
	_, err := tx.exec(ctx, "add member",
		`INSERT INTO members (organisation_id, user_id, role, created_at) VALUES (?, ?, ?, ?)
		 ON CONFLICT (organisation_id, user_id) DO NOTHING`,
		m.OrganisationID, m.UserID, string(m.Role), micros(m.CreatedAt))
	return err
}

// Membership returns the user's primary organisation, a personal one before
// others, then the one joined first, and the user's role in it. found is false
// when there is none.
func (tx *Tx) Membership(ctx context.Context, userID string) (o tmates.Organisation, role tmates.Role, found bool, err error) {
	var created stamp
	err = tx.tx.QueryRowContext(ctx,
		`SELECT o.id, o.name, o.type, o.own_workspace, o.created_at, m.role
		 FROM members m JOIN organisations o ON o.id = m.organisation_id
		 WHERE m.user_id = ?
		 ORDER BY CASE WHEN o.type = 'personal' THEN 0 ELSE 1 END, m.created_at LIMIT 1`, userID).
		Scan(&o.ID, &o.Name, &o.Type, &o.Own, &created, &role)
	if errors.Is(err, sql.ErrNoRows) {
		return o, "", false, nil
	}
	if err != nil {
		return o, "", false, fmt.Errorf("read membership: %w", err)
	}
	o.CreatedAt = created.Time
	return o, role, true, nil
}

// FirstOrganisation returns the organisation of the instance: the oldest that
// is nobody's own workspace.
func (tx *Tx) FirstOrganisation(ctx context.Context) (o tmates.Organisation, found bool, err error) {
	return one(ctx, tx, "read first organisation", func(s scanner) (o tmates.Organisation, err error) {
		var created stamp
		err = s.Scan(&o.ID, &o.Name, &o.Type, &o.Own, &created)
		o.CreatedAt = created.Time
		return o, err
	}, `SELECT id, name, type, own_workspace, created_at FROM organisations WHERE own_workspace = FALSE ORDER BY created_at, id LIMIT 1`)
}

// Profile returns the user's profile; a user without one has an empty one.
func (tx *Tx) Profile(ctx context.Context, userID string) (p tmates.Profile, err error) {
	var updated stamp
	p.UserID = userID
	err = tx.tx.QueryRowContext(ctx,
		`SELECT avatar_url, updated_at FROM profiles WHERE user_id = ?`, userID).Scan(&p.AvatarURL, &updated)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return p, fmt.Errorf("read profile: %w", err)
	}
	p.UpdatedAt = updated.Time
	return p, nil
}

// PutProfile keeps the user's profile.
func (tx *Tx) PutProfile(ctx context.Context, p tmates.Profile) error {
	_, err := tx.exec(ctx, "keep profile",
		`INSERT INTO profiles (user_id, avatar_url, updated_at) VALUES (?, ?, ?)
		 ON CONFLICT (user_id) DO UPDATE SET avatar_url = excluded.avatar_url, updated_at = excluded.updated_at`,
		p.UserID, p.AvatarURL, micros(tx.Now))
	return err
}

// Settings returns the user's preferences, the defaults where none are kept.
func (tx *Tx) Settings(ctx context.Context, userID string) (tmates.Settings, error) {
	s := tmates.DefaultSettings()
	err := tx.tx.QueryRowContext(ctx, `SELECT data FROM settings WHERE user_id = ?`, userID).Scan(asJSON(&s))
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return s, fmt.Errorf("read settings: %w", err)
	}
	if s.Theme != "light" && s.Theme != "dark" {
		s.Theme = "system"
	}
	return s, nil
}

// PutSettings keeps the user's preferences.
func (tx *Tx) PutSettings(ctx context.Context, userID string, s tmates.Settings) error {
	_, err := tx.exec(ctx, "keep settings",
		`INSERT INTO settings (user_id, data, updated_at) VALUES (?, ?, ?)
		 ON CONFLICT (user_id) DO UPDATE SET data = excluded.data, updated_at = excluded.updated_at`,
		userID, jsonText(s), micros(tx.Now))
	return err
}
