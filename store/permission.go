package store

import (
	"context"
	"database/sql"

	"github.com/tmates/tmates/store/tmates"
)

// Permissions returns what an organisation lets a tmate do: everything when
// nothing was ever set.
func (tx *Tx) Permissions(ctx context.Context, organisationID, tmateKey string) (tmates.Permissions, error) {
	p, found, err := one(ctx, tx, "read permissions", func(s scanner) (p tmates.Permissions, err error) {
		var updated stamp
		var allowed sql.NullString
		err = s.Scan(&allowed, asJSON(&p.Deny), &p.MemberRisk, &updated)
		if err == nil && allowed.Valid {
			err = asJSON(&p.Allow).Scan(allowed.String)
		}
		p.UpdatedAt = updated.Time
		return p, err
	}, `SELECT allowed, denied, member_risk, updated_at FROM permissions WHERE organisation_id = ? AND tmate_key = ?`, organisationID, tmateKey)
	if err == nil && !found {
		p.MemberRisk = tmates.RiskAny
	}
	return p, err
}

// PutPermissions keeps what an organisation lets a tmate do.
func (tx *Tx) PutPermissions(ctx context.Context, organisationID, tmateKey string, p tmates.Permissions) error {
	allowed := sql.NullString{Valid: p.Allow != nil}
	if allowed.Valid {
		allowed.String = jsonText(p.Allow)
	}
	_, err := tx.exec(ctx, "keep permissions",
		`INSERT INTO permissions (organisation_id, tmate_key, allowed, denied, member_risk, updated_at) VALUES (?, ?, ?, ?, ?, ?)
		 ON CONFLICT (organisation_id, tmate_key) DO UPDATE SET allowed = excluded.allowed, denied = excluded.denied,
		 member_risk = excluded.member_risk, updated_at = excluded.updated_at`,
		organisationID, tmateKey, allowed, jsonText(nonNil(p.Deny)), string(p.MemberRisk), micros(tx.Now))
	return err
}
