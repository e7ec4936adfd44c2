package v1_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/cmd/config"
)

// manifests are the tmates of the tests: known here to the letter, so that the
// golden files do not change with those that come with the program.
var manifests = map[string]string{
	"adam": `
name: Adam
description: Helps with everything.
role: Assistant
category: General
icon: "🧭"
greeting: Hello from Adam.
team_greeting: Hello team from Adam.
capabilities: [Answer questions]
branding: {emoji: "🧭", color: "#112233"}
`,
	"nora": `
name: Nora
description: Writes well.
icon: "✏️"
greeting: Hello from Nora.
`,
	"numbers": `
name: Dana
docs: Ask for <numbers> & tables.
env: {required: [NUMBERS_KEY], optional: []}
ui: {settings: {rounding: 2}}
`,
}

// script is a model for tests: "slow …" waits for release, "pin …" writes to the
// Pinboard, "write …" into a file, "note …" into its memory, "fail" cannot be answered, "sick" not now,
// "panic" is a bug, and everything else is repeated.
type script struct{ release chan struct{} }

func (s script) Think(ctx context.Context, t agents.Turn) iter.Seq2[agents.Part, error] {
	return func(yield func(agents.Part, error) bool) {
		question, _, _ := strings.Cut(t.Question(), "[attached") // how files are told is not this room's
		verb, rest, _ := strings.Cut(question, " ")
		last := t.Messages[len(t.Messages)-1]
		switch {
		case verb == "pin" && last.Author != agents.AuthorTool:
			args, err := json.Marshal(map[string]string{"title": rest, "content_md": "# " + rest + "\n\nSome **words**.", "priority": "high"})
			if err != nil {
				yield(agents.Part{}, err)
				return
			}
			yield(agents.Part{Calls: []agents.Call{{ID: "c1", Name: "create_pinboard_post", Args: args}}}, nil)
		case verb == "write" && last.Author != agents.AuthorTool:
			name, text, _ := strings.Cut(rest, " ")
			args, err := json.Marshal(map[string]string{"name": name, "content": text})
			if err != nil {
				yield(agents.Part{}, err)
				return
			}
			yield(agents.Part{Calls: []agents.Call{{ID: "c1", Name: "write_file", Args: args}}}, nil)
		case verb == "note" && last.Author != agents.AuthorTool:
			args, err := json.Marshal(map[string]string{"fact": rest})
			if err != nil {
				yield(agents.Part{}, err)
				return
			}
			yield(agents.Part{Calls: []agents.Call{{ID: "c1", Name: "remember", Args: args}}}, nil)
		case verb == "slow":
			if !yield(agents.Part{Text: "Half ünd "}, nil) {
				return
			}
			select {
			case <-s.release:
				yield(agents.Part{Text: "done."}, nil)
			case <-ctx.Done():
				yield(agents.Part{}, context.Cause(ctx))
			}
		case verb == "spend":
			prompt, answer, _ := strings.Cut(rest, " ")
			u := &agents.Usage{Model: "test-model"}
			if _, err := fmt.Sscan(prompt+" "+answer, &u.PromptTokens, &u.CompletionTokens); err != nil {
				yield(agents.Part{}, err)
				return
			}
			_ = yield(agents.Part{Text: "Spent."}, nil) && yield(agents.Part{Usage: u}, nil)
		case verb == "spendfail":
			_ = yield(agents.Part{Usage: &agents.Usage{Model: "test-model", PromptTokens: 70}}, nil) &&
				yield(agents.Part{}, &agents.ProviderError{Status: http.StatusBadRequest, Msg: "The model refused."})
		case verb == "sick":
			yield(agents.Part{}, &agents.ProviderError{Status: http.StatusInternalServerError, Msg: "The model is sick."})
		case verb == "panic":
			panic("a bug in /some/where.go")
		case verb == "fail":
			yield(agents.Part{}, &agents.ProviderError{Status: http.StatusBadRequest, Msg: "The model refused."})
		default:
			yield(agents.Part{Text: "You said: " + question}, nil)
		}
	}
}

// product boots the program with the tmates and the model of the tests. Ann
// comes first and founds the organisation, Bob joins it.
func product(t *testing.T, change func(*config.Config)) (app *apptest.App, ann, bob *apptest.User, model script) {
	t.Helper()
	return productAt(t, nil, change)
}

// productAt is product with a clock; nil is the real one.
func productAt(t *testing.T, now func() time.Time, change func(*config.Config)) (app *apptest.App, ann, bob *apptest.User, model script) {
	t.Helper()
	dir := t.TempDir()
	for key, manifest := range manifests {
		folder := filepath.Join(dir, "tmates", key)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "manifest.yaml"), []byte(manifest), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	model = script{release: make(chan struct{})}
	app = start(t, dir, model, now, change)
	ann = app.AddUser("ann@example.org", "Ann")
	bob = app.AddUser("bob@example.org", "Bob")
	return app, ann, bob, model
}

// start boots the program of the tests on a data folder.
func start(t *testing.T, dir string, model agents.Brain, now func() time.Time, change func(*config.Config)) *apptest.App {
	t.Helper()
	return apptest.Start(t, apptest.Options{Dir: dir, Model: model, Now: now, Config: func(c *config.Config) {
		c.Tmates.Installed = []string{"numbers", "adam", "nora"}
		c.Store.Synchronous = "normal"
		c.Chat.HoldPoll = 0
		c.Queue.ActiveJobsPerUser = 0
		c.Chat.MessagesPerMinute = 0
		if change != nil {
			change(c)
		}
	}})
}

// message is what the tests look at in one.
type message struct {
	ID, Role, Content string
	Seq               int64
	Payload           map[string]any
}

// messages reads a thread.
func messages(u *apptest.User, threadID, query string) []message {
	var th struct{ Messages []message }
	u.Must(http.StatusOK, "GET", "/v1/chats/"+threadID+query, nil).Decode(&th)
	return th.Messages
}

// say sends a message and waits until the turn is over.
func say(u *apptest.User, s *apptest.Socket, threadID, text string) (frames []map[string]any) {
	u.Must(http.StatusCreated, "POST", "/v1/chats/"+threadID+"/messages", map[string]any{"content": text})
	return s.Until(apptest.Completed)
}

// putFile lays a file into a user's folder by hand. It shows in lists from the
// next start on.
func putFile(t *testing.T, app *apptest.App, u *apptest.User, name, content string, modified time.Time) {
	t.Helper()
	path := filepath.Join(app.Dir, "files", u.ID, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, modified, modified); err != nil {
		t.Fatal(err)
	}
}

const randomID = "7b0f3c3e-2c1f-4f57-9a39-1f2f1a1c9d11"
