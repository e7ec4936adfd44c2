package storetest

import (
	"context"
	"testing"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

func testSummaries(t *testing.T, open Open) {
	w := newWorld(t, open)
	for _, through := range []int64{7, 20, 12, 20} {
		w.write(func(ctx context.Context, tx *store.Tx) error {
			return tx.AddSummary(ctx, tmates.Summary{
				ThreadID: "thread-ada", UserID: "ada", TmateKey: "adam", SessionID: "s", Through: through, Partial: through == 20, Content: "so far",
			})
		})
	}
	read := func(user, tmate, session string) (s tmates.Summary, found bool) {
		w.read(func(ctx context.Context, tx *store.Tx) (err error) {
			s, found, err = tx.Summary(ctx, user, "thread-ada", tmate, session)
			return err
		})
		return s, found
	}
	if s, found := read("ada", "adam", "s"); !found || s.Through != 20 || !s.Partial || s.Content != "so far" {
		t.Errorf("summary %+v, %v", s, found)
	}
	for _, foreign := range [][3]string{{"bob", "adam", "s"}, {"ada", "nora", "s"}, {"ada", "adam", "other"}} {
		if s, found := read(foreign[0], foreign[1], foreign[2]); found {
			t.Errorf("%v reads %+v", foreign, s)
		}
	}
	w.write(func(ctx context.Context, tx *store.Tx) error { return tx.ClearThread(ctx, "ada", "thread-ada") })
	if s, found := read("ada", "adam", "s"); found {
		t.Errorf("a cleared thread has the summary %+v", s)
	}
}
