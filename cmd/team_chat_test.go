package cmd_test

import (
	"context"
	"iter"
	"net/http"
	"testing"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/cmd/config"
)

// lines is a brain that says one thing for each tmate.
type lines map[string]string

// Think implements [agents.Brain].
func (l lines) Think(_ context.Context, t agents.Turn) iter.Seq2[agents.Part, error] {
	return func(yield func(agents.Part, error) bool) { yield(agents.Part{Text: l[t.Tmate.Key]}, nil) }
}

// TestTeamChatInATerminal waits for a speaker that is chosen late and for the
// hand-overs after it, and tells beside each reply why it was given.
func TestTeamChatInATerminal(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMATES_DATA", dir)
	a := apptest.Start(t, apptest.Options{
		Dir: dir, Model: lines{"dispatcher": "nora", "nora": "@adam, is there bread?", "adam": "@nora, no."},
		Config: func(c *config.Config) { c.Chat.Hops = 1 },
	})
	ada := a.AddUser("ada@example.com", "Ada")
	ada.Must(http.StatusOK, "POST", "/v1/agents/manage", map[string]string{"agent_key": "nora", "action": "add"})
	r := tmates("", "chat", "team", "is rye bread healthy?")
	want := result{
		out: "@adam, is there bread?\n@nora, no.\n",
		err: "(Finding who answers)\n(Nora, chosen by the model)\n(Adam, addressed by Nora)\n" +
			"(The team stopped after one hand-over. Say \"go on\", and Nora continues.)\n",
	}
	if r != want {
		t.Errorf("got %+v\nwant %+v", r, want)
	}
}
