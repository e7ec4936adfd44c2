package store

import (
	"context"
	"fmt"

	"github.com/tmates/tmates/store/tmates"
)

// ErrNoMember is what a user who is not in the organisation and one who does
// not exist answer alike.
var ErrNoMember = tmates.E(tmates.NotFound, "member_not_found", nil, "Member not found")

const memberColumns = `organisation_id, user_id, role, created_at`

func scanMember(s scanner) (m tmates.Member, err error) {
	var created stamp
	err = s.Scan(&m.OrganisationID, &m.UserID, &m.Role, &created)
	m.CreatedAt = created.Time
	return m, err
}

// Member returns a user's place in an organisation, or [ErrNoMember].
func (tx *Tx) Member(ctx context.Context, organisationID, userID string) (tmates.Member, error) {
	return oneOr(ctx, tx, ErrNoMember, "read member", scanMember,
		`SELECT `+memberColumns+` FROM members WHERE organisation_id = ? AND user_id = ?`, organisationID, userID)
}

// Members returns the places in an organisation, first joined first.
func (tx *Tx) Members(ctx context.Context, organisationID string) ([]tmates.Member, error) {
	return list(ctx, tx, "list members", scanMember,
		`SELECT `+memberColumns+` FROM members WHERE organisation_id = ? ORDER BY created_at, user_id`, organisationID)
}

// Memberships returns the user's places in every organisation, the oldest first.
func (tx *Tx) Memberships(ctx context.Context, userID string) ([]tmates.Member, error) {
	return list(ctx, tx, "list memberships", scanMember,
		`SELECT `+memberColumns+` FROM members WHERE user_id = ? ORDER BY created_at, organisation_id`, userID)
}

// SetRole changes a member's role. Its errors are those of Member.
func (tx *Tx) SetRole(ctx context.Context, organisationID, userID string, role tmates.Role) error {
	n, err := tx.exec(ctx, "set role", `UPDATE members SET role = ? WHERE organisation_id = ? AND user_id = ?`,
		string(role), organisationID, userID)
	if err == nil && n == 0 {
		return ErrNoMember
	}
	return err
}

// CountMembers counts the members of an organisation; an empty role means all.
func (tx *Tx) CountMembers(ctx context.Context, organisationID string, role tmates.Role) (n int64, err error) {
	err = tx.tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM members WHERE organisation_id = ? AND (? = '' OR role = ?)`,
		organisationID, string(role), string(role)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count members: %w", err)
	}
	return n, nil
}

// personQuery reads members with what others see of them.
const personQuery = `SELECT m.organisation_id, m.user_id, m.role, m.created_at, u.email, u.metadata, COALESCE(p.avatar_url, '')
	FROM members m JOIN users u ON u.id = m.user_id LEFT JOIN profiles p ON p.user_id = m.user_id
	WHERE m.organisation_id = ?`

func scanPerson(s scanner) (p tmates.Person, err error) {
	var created stamp
	u := tmates.User{Metadata: map[string]any{}}
	err = s.Scan(&p.OrganisationID, &p.UserID, &p.Role, &created, &u.Email, asJSON(&u.Metadata), &p.AvatarURL)
	u.ID = p.UserID
	p.CreatedAt, p.Email, p.Name = created.Time, u.Email, u.DisplayName()
	return p, err
}

// Person returns a member of an organisation, or [ErrNoMember].
func (tx *Tx) Person(ctx context.Context, organisationID, userID string) (tmates.Person, error) {
	return oneOr(ctx, tx, ErrNoMember, "read person", scanPerson, personQuery+` AND m.user_id = ?`, organisationID, userID)
}

// People returns the members of an organisation, first joined first.
func (tx *Tx) People(ctx context.Context, organisationID string, limit int) ([]tmates.Person, error) {
	return list(ctx, tx, "list people", scanPerson, personQuery+` ORDER BY m.created_at, m.user_id LIMIT ?`, organisationID, limit)
}
