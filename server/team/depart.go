package team

import (
	"context"
	"slices"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// Depart prepares the deletion of an account in the same transaction: it cancels
// the user's unfinished jobs, hands every organisation that loses its last owner
// to the admin, else the member, who joined first, and removes those nobody is
// left in. ended ends the running attempts and is called after the commit.
func (t *Team) Depart(ctx context.Context, tx *store.Tx, userID string) (ended func(), err error) {
	jobs, err := tx.ActiveJobsOfUser(ctx, userID)
	if err != nil {
		return nil, err
	}
	if jobs, err = t.cancelJobs(ctx, tx, jobs, userID, dropText); err != nil {
		return nil, err
	}
	places, err := tx.Memberships(ctx, userID)
	if err != nil {
		return nil, err
	}
	for _, place := range places {
		if err := handOver(ctx, tx, place); err != nil {
			return nil, err
		}
	}
	return func() { t.cancelRunning(jobs) }, nil
}

// handOver looks after the organisation that a member leaves.
func handOver(ctx context.Context, tx *store.Tx, leaving tmates.Member) error {
	members, err := tx.Members(ctx, leaving.OrganisationID)
	if err != nil {
		return err
	}
	left := slices.DeleteFunc(members, func(m tmates.Member) bool { return m.UserID == leaving.UserID })
	if len(left) == 0 {
		return tx.DeleteOrganisation(ctx, leaving.OrganisationID)
	}
	at := func(role tmates.Role) int {
		return slices.IndexFunc(left, func(m tmates.Member) bool { return m.Role == role })
	}
	if at(tmates.RoleOwner) >= 0 {
		return nil
	}
	heir := left[max(at(tmates.RoleAdmin), 0)] // first joined first
	return tx.SetRole(ctx, heir.OrganisationID, heir.UserID, tmates.RoleOwner)
}
