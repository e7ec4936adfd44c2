package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

func testAccounts(t *testing.T, open Open) {
	w := newWorld(t, open)
	w.clock.move(time.Second)
	w.write(func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.AddUser(ctx, tmates.User{ID: "cleo", Email: "cleo_%@example.org", InvitedAt: tx.Now}); err != nil {
			return err
		}
		return tx.AddIdentity(ctx, tmates.Identity{ID: "identity", UserID: "cleo", Provider: "email", Email: "cleo_%@example.org"})
	})
	for _, c := range []struct {
		filter        string
		limit, offset int
		want          []string
		total         int
	}{
		{"", 10, 0, []string{"cleo", "ada", "bob"}, 3},
		{"", 1, 1, []string{"ada"}, 3},
		{"", 10, 3, nil, 3},
		{"example.com", 10, 0, []string{"ada", "bob"}, 2},
		{"_%", 10, 0, []string{"cleo"}, 1},
		{"a_a", 10, 0, nil, 0},
		{`\`, 10, 0, nil, 0},
	} {
		w.read(func(ctx context.Context, tx *store.Tx) error {
			users, total, err := tx.UsersPage(ctx, c.filter, c.limit, c.offset)
			var got []string
			for _, u := range users {
				got = append(got, u.ID)
			}
			if diff := cmp.Diff(c.want, got); diff != "" || total != c.total {
				t.Errorf("filter %q from %d: %d in all, %s", c.filter, c.offset, total, diff)
			}
			return err
		})
	}
	w.clock.move(time.Second)
	w.write(func(ctx context.Context, tx *store.Tx) error {
		return tx.MoveUser(ctx, "cleo", "email", "cleo@example.net")
	})
	move := func(id, email string) error {
		return w.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error { return tx.MoveUser(ctx, id, "email", email) })
	}
	if e, ok := errors.AsType[*tmates.Error](move("cleo", "ada@example.com")); !ok || e.Code != "email_exists" {
		t.Errorf("a taken address: %v", e)
	}
	if err := move("nobody", "nobody@example.com"); !errors.Is(err, store.ErrNoUser) {
		t.Errorf("nobody: %v", err)
	}
	w.read(func(ctx context.Context, tx *store.Tx) error {
		u, err := tx.UserByEmail(ctx, "cleo@example.net")
		if err != nil {
			return err
		}
		identities, err := tx.Identities(ctx, "cleo")
		if u.ID != "cleo" || !u.UpdatedAt.After(u.CreatedAt) || !u.InvitedAt.Equal(u.CreatedAt) || len(identities) != 1 || identities[0].Email != u.Email {
			t.Errorf("%+v %+v", u, identities)
		}
		return err
	})
}

// testPasses keeps what one-time links carry.
func testPasses(t *testing.T, open Open) {
	w := newWorld(t, open)
	w.write(func(ctx context.Context, tx *store.Tx) error {
		for hash, user := range map[string]string{"first": "", "ada 1": "ada", "ada 2": "ada", "bob": "bob"} {
			if err := tx.AddPass(ctx, tmates.Pass{Hash: hash, UserID: user, ExpiresAt: tx.Now.Add(time.Minute)}); err != nil {
				return err
			}
		}
		return nil
	})
	left := func() (all []string) {
		w.read(func(ctx context.Context, tx *store.Tx) error {
			for _, hash := range []string{"first", "ada 1", "ada 2", "bob", "nobody"} {
				p, found, err := tx.Pass(ctx, hash)
				if err != nil {
					return err
				}
				if found {
					all = append(all, hash+" of "+p.UserID)
				}
			}
			return nil
		})
		return all
	}
	if diff := cmp.Diff([]string{"first of ", "ada 1 of ada", "ada 2 of ada", "bob of bob"}, left()); diff != "" {
		t.Errorf("kept:\n%s", diff)
	}
	w.write(func(ctx context.Context, tx *store.Tx) error { return tx.DeletePasses(ctx, "ada") })
	if diff := cmp.Diff([]string{"first of ", "bob of bob"}, left()); diff != "" {
		t.Errorf("without Ada's:\n%s", diff)
	}
	w.write(func(ctx context.Context, tx *store.Tx) error { return tx.DeletePasses(ctx, "") })
	if diff := cmp.Diff([]string{"bob of bob"}, left()); diff != "" {
		t.Errorf("without the first account's:\n%s", diff)
	}
	w.clock.move(time.Minute)
	if got := left(); got != nil {
		t.Errorf("after a minute: %v", got)
	}
	w.write(func(ctx context.Context, tx *store.Tx) error { return tx.PrunePasses(ctx) })
	w.clock.move(-time.Minute)
	if got := left(); got != nil {
		t.Errorf("pruned are %v", got)
	}
}

func testDeleteUser(t *testing.T, open Open) {
	w := newWorld(t, open)
	for _, name := range []string{"ada", "bob"} {
		w.job("done-"+name, name, "adam")
		w.write(func(ctx context.Context, tx *store.Tx) error {
			_, _, err := tx.CancelJob(ctx, name, "done-"+name, name)
			return err
		})
		w.job("waits-"+name, name, "adam")
		w.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.AddMessage(ctx, tmates.Message{ID: "message-" + name, ThreadID: "thread-" + name, OrganisationID: "org", UserID: name,
				Role: tmates.MessageUser, Content: "hello"})
			if err != nil {
				return err
			}
			if _, err := tx.AddPost(ctx, tmates.Post{ID: "post-" + name, OrganisationID: "org", UserID: name, Slug: name, Title: name}); err != nil {
				return err
			}
			return tx.AddMemory(ctx, tmates.Memory{ID: "memory-" + name, UserID: name, ThreadID: "thread-" + name, TmateKey: "adam", SessionID: "s", Content: "x"})
		})
	}
	w.read(func(ctx context.Context, tx *store.Tx) error {
		active, err := tx.ActiveJobsOfUser(ctx, "bob")
		if len(active) != 1 || active[0].ID != "waits-bob" {
			t.Errorf("active jobs %+v", active)
		}
		return err
	})
	w.write(func(ctx context.Context, tx *store.Tx) error { return tx.DeleteUser(ctx, "bob") })
	again := w.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error { return tx.DeleteUser(ctx, "bob") })
	if !errors.Is(again, store.ErrNoUser) {
		t.Errorf("again: %v", again)
	}
	late := w.Write(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.PutSettings(ctx, "bob", tmates.DefaultSettings())
	})
	if !errors.Is(late, store.ErrNoUser) {
		t.Errorf("a row for who is gone: %v", late)
	}
	w.read(func(ctx context.Context, tx *store.Tx) error {
		jobs, err := tx.AllJobs(ctx, 10)
		if err != nil {
			return err
		}
		members, err := tx.Members(ctx, "org")
		if err != nil {
			return err
		}
		places, err := tx.Memberships(ctx, "ada")
		if err != nil {
			return err
		}
		posts, err := tx.Posts(ctx, "org", tmates.Post{}, 10)
		if len(jobs) != 2 || len(members) != 1 || len(places) != 1 || places[0].Role != tmates.RoleMember || len(posts) != 2 {
			t.Errorf("%d jobs, members %+v, places %+v, %d posts", len(jobs), members, places, len(posts))
		}
		return err
	})
	w.write(func(ctx context.Context, tx *store.Tx) error {
		if err := tx.SetRole(ctx, "org", "ada", tmates.RoleOwner); err != nil {
			return err
		}
		_, role, _, err := tx.Membership(ctx, "ada")
		if role != tmates.RoleOwner {
			t.Errorf("role %s", role)
		}
		return errors.Join(err, tx.DeleteOrganisation(ctx, "org"))
	})
	w.read(func(ctx context.Context, tx *store.Tx) error {
		_, _, found, err := tx.Membership(ctx, "ada")
		if found {
			t.Error("the organisation is still there")
		}
		if _, err := tx.UserByID(ctx, "ada"); err != nil {
			t.Errorf("its people are gone: %v", err)
		}
		return err
	})
}
