package v1

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/store/tmates"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestEncode(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 12, 54, 27, 649180000, time.UTC)
	half := 0.5
	file := map[string]any{"uri": "/v1/files/download/q3.png", "type": "image/png", "name": "q3.png", "relative_path": "q3.png"}
	events := []tmates.Event{
		{Type: tmates.EventMessage, ThreadID: "t1", Message: &tmates.Message{
			ID: "m1", Seq: 7, ThreadID: "t1", SessionID: "f2143f28-ebfa-575e-97a8-ba62ae2ee0ed", Role: tmates.MessageAssistant, Author: "Adam",
			Content: "Done <b>&</b> über 🤖", Payload: map[string]any{"attachments": []any{file}}, CreatedAt: at,
		}},
		// Q-R6: the payload is there, also when it says nothing.
		{Type: tmates.EventMessage, ThreadID: "t1", Message: &tmates.Message{ID: "m2", Seq: 8, Role: tmates.MessageSystem, CreatedAt: at.Truncate(time.Second)}},
		{Type: tmates.EventStatus, ThreadID: "t1", Status: &tmates.Status{Status: tmates.StatusTyping, TmateKey: "adam", JobID: "j1"}},
		{Type: tmates.EventStatus, ThreadID: "t1", Status: &tmates.Status{
			Status: tmates.StatusTyping, TmateKey: "adam", JobID: "j1", Stage: "plan", Text: "Reading the sheet", Progress: &half, Attempt: 2,
		}},
		{Type: tmates.EventStatus, ThreadID: "t1", Status: &tmates.Status{Status: tmates.StatusCompleted}},
		{Type: tmates.EventStatus, ThreadID: "t1", Status: &tmates.Status{Status: tmates.StatusFailed, TmateKey: "adam", JobID: "j1", Text: "Model did not answer"}},
		{Type: tmates.EventStatus, ThreadID: "t1", Status: &tmates.Status{Status: tmates.StatusError, TmateKey: "adam", Error: "queue is gone"}},
		{Type: tmates.EventStatus, ThreadID: "t1", Status: &tmates.Status{Status: tmates.StatusCancelled, TmateKey: "adam", JobID: "j1"}},
		{Type: tmates.EventDelta, ThreadID: "t1", Delta: &tmates.Delta{JobID: "j1", TmateKey: "adam", Offset: 12, Text: "and so"}},
		{Type: tmates.EventReset, ThreadID: "t1", Delta: &tmates.Delta{JobID: "j1", TmateKey: "adam"}},
		{Type: tmates.EventPost, Post: &tmates.Post{
			ID: "p1", OrganisationID: "o1", UserID: "u1", Slug: "weekly", Title: "Weekly", Excerpt: "Up", Content: "# Up", TmateKey: "adam",
			Priority: "high", Attachments: []map[string]any{{"url": "/a", "label": nil}, {"label": "no url"}}, CreatedAt: at, UpdatedAt: at,
		}},
		{Type: tmates.EventPost, Post: &tmates.Post{ID: "p2", Slug: "post", CoverURL: "https://h/c.png", CreatedAt: at, UpdatedAt: at}},
		{Type: tmates.EventRead, ThreadID: "t1", Thread: &tmates.Thread{ID: "t1", ReadSeq: 7, Unread: 3}},
		{Type: tmates.EventFile, UserID: "u1", File: &tmates.File{Path: "charts/q 3.png", MediaType: "image/png", Size: 20480, JobID: "j1"}},
	}
	var got bytes.Buffer
	for _, ev := range events {
		got.Write(Encode(ev))
		got.WriteByte('\n')
	}
	name := filepath.Join("testdata", "frames.golden.jsonl")
	if *update {
		if err := os.WriteFile(name, got.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("frames (-want +got):\n%s", diff)
	}
	for _, silent := range []tmates.Event{{Type: tmates.EventSessionEnd}, {Type: tmates.EventMessage}, {Type: "new_thing"}} {
		if data := Encode(silent); data != nil {
			t.Errorf("%v is sent: %s", silent.Type, data)
		}
	}
}
