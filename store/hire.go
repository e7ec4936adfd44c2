package store

import (
	"context"

	"github.com/tmates/tmates/store/tmates"
)

// PutHire keeps or replaces an organisation's hire of a tmate. The time of the
// first hiring, and with it the order, is kept.
func (tx *Tx) PutHire(ctx context.Context, h tmates.Hire) error {
	_, err := tx.exec(ctx, "keep hire",
		`INSERT INTO hires (organisation_id, tmate_key, name, description, active, hired_at, updated_at)
		 VALUES (?, ?, ?, ?, ?, ?, ?)
		 ON CONFLICT (organisation_id, tmate_key) DO UPDATE
		 SET name = excluded.name, description = excluded.description, active = excluded.active, updated_at = excluded.updated_at`,
		h.OrganisationID, h.TmateKey, h.Name, h.Description, h.Active, micros(tx.Now), micros(tx.Now))
	return err
}

// EmployedKeys returns the keys of the tmates any organisation employs now,
// sorted.
func (tx *Tx) EmployedKeys(ctx context.Context) ([]string, error) {
	return list(ctx, tx, "list employed tmates", func(s scanner) (key string, err error) {
		return key, s.Scan(&key)
	}, `SELECT DISTINCT tmate_key FROM hires WHERE active = ? ORDER BY tmate_key`, true)
}

// Hires returns every tmate the organisation ever hired, in the order of
// hiring, dismissed ones included.
func (tx *Tx) Hires(ctx context.Context, organisationID string) ([]tmates.Hire, error) {
	return list(ctx, tx, "list hires", func(s scanner) (h tmates.Hire, err error) {
		var hired, updated stamp
		err = s.Scan(&h.OrganisationID, &h.TmateKey, &h.Name, &h.Description, &h.Active, &hired, &updated)
		h.HiredAt, h.UpdatedAt = hired.Time, updated.Time
		return h, err
	}, `SELECT organisation_id, tmate_key, name, description, active, hired_at, updated_at
	    FROM hires WHERE organisation_id = ? ORDER BY hired_at, tmate_key`, organisationID)
}
