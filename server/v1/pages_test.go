package v1_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/tmates/tmates/cmd/app/apptest"
)

// Paging back meets everything once, also what has one time, and nothing of
// somebody else.
func TestPagesBack(t *testing.T) {
	t.Parallel()
	_, ann, bob, _ := product(t, nil)
	for n := range 7 {
		ann.Must(http.StatusAccepted, "POST", "/v1/jobs", map[string]any{"agent_key": "adam", "task": fmt.Sprint("sum ", n)})
		ann.Must(http.StatusCreated, "POST", "/v1/pinboard", map[string]any{"title": fmt.Sprint("Post ", n), "content_md": "c"})
	}
	bob.Must(http.StatusAccepted, "POST", "/v1/jobs", map[string]any{"agent_key": "adam", "task": "sum"})
	for _, list := range []string{"/v1/jobs", "/v1/pinboard"} {
		want := names(ann, list+"?limit=100")
		if len(want) != 7 {
			t.Fatalf("%s has %d, want 7", list, len(want))
		}
		var got []string
		for page, before := 0, ""; page < 10; page++ {
			more := names(ann, list+"?limit=3"+before)
			if len(more) == 0 {
				break
			}
			got = append(got, more...)
			before = "&before=" + more[len(more)-1]
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s page by page: %v, want %v", list, got, want)
		}
		if got := ann.Do("GET", list+"?before=nowhere", nil).Status; got != http.StatusNotFound {
			t.Errorf("%s before what is not there: %d", list, got)
		}
	}
	foreign := names(bob, "/v1/jobs")[0]
	if got := ann.Do("GET", "/v1/jobs?before="+foreign, nil).Status; got != http.StatusNotFound {
		t.Errorf("jobs before somebody else's: %d", got)
	}
}

// names returns how the items of a list are addressed.
func names(u *apptest.User, list string) (all []string) {
	var items []struct{ ID, Slug string }
	u.Must(http.StatusOK, "GET", list, nil).Decode(&items)
	for _, item := range items {
		if item.Slug != "" {
			item.ID = item.Slug
		}
		all = append(all, item.ID)
	}
	return all
}
