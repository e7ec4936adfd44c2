package storetest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// testWeight fills columns beside the text: what is read at once is bounded by
// all a row holds.
func testWeight(t *testing.T, open Open) {
	const rows, each = 30, 256 << 10 // together 7.5 MiB
	w := newWorld(t, open)
	heavy := strings.Repeat("x", each)
	w.write(func(ctx context.Context, tx *store.Tx) error {
		for i := range rows {
			_, err := tx.AddMessage(ctx, tmates.Message{
				ID: fmt.Sprint("m", i), ThreadID: "thread-ada", OrganisationID: "org", UserID: "ada", Role: tmates.MessageUser,
				Payload: map[string]any{"attachments": []any{map[string]any{"uri": heavy}}},
			})
			if err != nil {
				return err
			}
			if _, err := tx.AddPost(ctx, tmates.Post{
				ID: fmt.Sprint("p", i), OrganisationID: "org", UserID: "ada", Slug: fmt.Sprint("post-", i), Priority: "normal",
				Sources: []map[string]any{{"url": heavy}},
			}); err != nil {
				return err
			}
			if _, err := tx.AddJob(ctx, tmates.Job{
				ID: fmt.Sprint("j", i), UserID: "ada", OrganisationID: "org", ThreadID: "thread-ada", TmateKey: "adam",
				Metadata: map[string]any{"note": heavy},
			}); err != nil {
				return err
			}
		}
		return nil
	})
	const most = (4 << 20) / each // rows of 256 KiB in 4 MiB
	w.read(func(ctx context.Context, tx *store.Tx) error {
		messages, err := tx.Messages(ctx, "ada", "thread-ada", 0, rows)
		if err != nil || len(messages) != most-1 || messages[len(messages)-1].ID != fmt.Sprint("m", rows-1) {
			t.Errorf("%d messages were read at once, %v", len(messages), err)
		}
		missed, more, err := tx.MessagesAfter(ctx, "ada", "thread-ada", 0, rows)
		if err != nil || !more || len(missed) != most/4-1 {
			t.Errorf("%d missed messages were read at once, more %v, %v", len(missed), more, err)
		}
		posts, err := tx.Posts(ctx, "org", tmates.Post{}, rows)
		if err != nil || len(posts) != most-1 {
			t.Errorf("%d posts were read at once, %v", len(posts), err)
		}
		jobs, err := tx.Jobs(ctx, "ada", 0, rows)
		if err != nil || len(jobs) != most-1 {
			t.Errorf("%d jobs were read at once, %v", len(jobs), err)
		}
		active, err := tx.ActiveJobs(ctx, "ada", "thread-ada")
		if err != nil || len(active) != rows || len(active[0].Metadata) != 0 {
			t.Errorf("%d active jobs, the first with %d notes, %v", len(active), len(active[0].Metadata), err)
		}
		n, err := tx.CountActiveJobsIn(ctx, "ada", "thread-ada")
		if others, err := tx.CountActiveJobsIn(ctx, "bob", "thread-ada"); err != nil || others != 0 {
			t.Errorf("bob counts %d jobs in ada's thread, %v", others, err)
		}
		if n != rows {
			t.Errorf("%d jobs are counted, want %d", n, rows)
		}
		return err
	})
}
