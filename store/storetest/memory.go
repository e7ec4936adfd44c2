package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// fact is a memory of Adam's in a user's thread, session "s" unless told.
func fact(user, content string) tmates.Memory {
	return tmates.Memory{ID: user + " " + content, UserID: user, ThreadID: "thread-" + user, TmateKey: "adam", SessionID: "s", Content: content}
}

func (w *world) remember(facts ...tmates.Memory) {
	w.t.Helper()
	for _, m := range facts {
		w.clock.move(time.Second)
		w.write(func(ctx context.Context, tx *store.Tx) error { return tx.AddMemory(ctx, m) })
	}
}

func contents(facts []tmates.Memory) (all []string) {
	for _, m := range facts {
		all = append(all, m.Content)
	}
	return all
}

// find is what Adam recalls for Ada in session "s".
func (w *world) find(query string, limit int) (found []string) {
	w.t.Helper()
	w.read(func(ctx context.Context, tx *store.Tx) error {
		all, err := tx.FindMemories(ctx, "ada", "s", "adam", store.AnyWord, query, limit)
		found = contents(all)
		return err
	})
	return found
}

// page is Ada's list of what Adam keeps.
func (w *world) page(f store.MemoryFilter) (all []tmates.Memory) {
	w.t.Helper()
	f.TmateKey = "adam"
	if f.Limit == 0 {
		f.Limit = 100
	}
	w.read(func(ctx context.Context, tx *store.Tx) (err error) {
		all, err = tx.MemoryPage(ctx, "ada", f)
		return err
	})
	return all
}

func testFinding(t *testing.T, open Open) {
	w := newWorld(t, open)
	other := fact("ada", "The code of the garage is 1234")
	other.TmateKey = "nora"
	past := fact("ada", "The code of the cellar is 5678")
	past.SessionID = "before"
	w.remember(fact("ada", "The door code is 4711"), fact("ada", "Zoë likes crème brûlée"), fact("ada", "To-do: call the bank"), fact("ada", "What to do in Dover"),
		fact("ada", "東京で会議があります"), fact("ada", "My cats are Mimi and Max"), other, past, fact("bob", "Bob's code is 9999"))
	for _, c := range []struct {
		query string
		want  []string
	}{
		{"code", []string{"The door code is 4711"}}, // of this person, tmate and session only
		{"CODE bank", []string{"The door code is 4711", "To-do: call the bank"}},
		{"zoe brulee", []string{"Zoë likes crème brûlée"}},
		{"cat", []string{"My cats are Mimi and Max"}}, // the beginning of a word
		{"ca", nil}, // but not of every short one
		{"at", nil}, // nor its end
		{"to-do:", []string{"To-do: call the bank"}},
		{"会議", []string{"東京で会議があります"}},
		{"東議", nil},
		{"47", nil},
		{"4711", []string{"The door code is 4711"}},
		{"nothing of the kind", []string{"The door code is 4711", "To-do: call the bank"}}, // "the"
		{"", nil}, {" \t", nil}, {"!?", nil}, {`"`, nil}, {"\x00", nil},
		{`" OR owner : "`, nil}, {"owner:adam", nil}, {"NEAR(code door)", []string{"The door code is 4711"}}, {"code*", []string{"The door code is 4711"}},
		{"^code", []string{"The door code is 4711"}}, {"-code", []string{"The door code is 4711"}}, {`co"de`, nil}, {"\xff", nil},
		{strings.Repeat("x", 5000), nil}, {strings.Repeat("word ", 500) + "bank", []string{"To-do: call the bank"}},
	} {
		if diff := cmp.Diff(c.want, w.find(c.query, 10)); diff != "" {
			t.Errorf("%.40q (-want +got):\n%s", c.query, diff)
		}
	}
	w.read(func(ctx context.Context, tx *store.Tx) error {
		for query, want := range map[string]int{"door code": 1, "code bank": 0, "the": 2} {
			all, err := tx.FindMemories(ctx, "ada", "s", "adam", store.EveryWord, query, 10)
			if err != nil || len(all) != want {
				t.Errorf("every word of %q: %v, %v", query, contents(all), err)
			}
		}
		return nil
	})
	// With more than are asked for, those that say most of it stay.
	w.remember(fact("ada", "Another code"), fact("ada", "One more code"))
	if diff := cmp.Diff([]string{"The door code is 4711"}, w.find("door code", 1)); diff != "" {
		t.Errorf("best (-want +got):\n%s", diff)
	}
}

func testMemoryPages(t *testing.T, open Open) {
	w := newWorld(t, open)
	w.write(func(ctx context.Context, tx *store.Tx) error {
		return tx.AddThread(ctx, tmates.Thread{ID: "direct", OrganisationID: "org", UserID: "ada", Slug: "agent:adam", Title: "Adam", Kind: tmates.KindDirect})
	})
	direct := fact("ada", "tea at four")
	direct.ThreadID, direct.SessionID, direct.SourceID = "direct", "other", "m1"
	w.remember(fact("ada", "coffee at nine"), direct, fact("ada", "tea at five"), fact("bob", "tea at six"))
	all := w.page(store.MemoryFilter{})
	if diff := cmp.Diff([]string{"tea at five", "tea at four", "coffee at nine"}, contents(all)); diff != "" {
		t.Fatalf("all (-want +got):\n%s", diff)
	}
	if m := all[1]; m.SourceID != "m1" || m.ThreadID != "direct" || m.SessionID != "other" || m.Seq <= all[2].Seq || !m.CreatedAt.Before(all[0].CreatedAt) {
		t.Errorf("one: %+v", m)
	}
	for _, c := range []struct {
		name string
		f    store.MemoryFilter
		want []string
	}{
		{"limit", store.MemoryFilter{Limit: 1}, []string{"tea at five"}},
		{"before", store.MemoryFilter{Before: all[1].Seq}, []string{"coffee at nine"}},
		{"thread", store.MemoryFilter{ThreadID: "direct"}, []string{"tea at four"}},
		{"somebody else's thread", store.MemoryFilter{ThreadID: "thread-bob"}, nil},
		{"words", store.MemoryFilter{Query: "Tea"}, []string{"tea at five", "tea at four"}},
		{"every word", store.MemoryFilter{Query: "tea four"}, []string{"tea at four"}},
		{"words before", store.MemoryFilter{Query: "at", Before: all[0].Seq, Limit: 1}, []string{"tea at four"}},
		{"words of a thread", store.MemoryFilter{Query: "at", ThreadID: "direct"}, []string{"tea at four"}},
		{"no words", store.MemoryFilter{Query: "?"}, nil},
	} {
		if diff := cmp.Diff(c.want, contents(w.page(c.f))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func testMemoryChanges(t *testing.T, open Open) {
	w := newWorld(t, open)
	w.remember(fact("ada", "red"), fact("ada", "green"), fact("ada", "green"), fact("bob", "red"))
	n := 0
	w.read(func(ctx context.Context, tx *store.Tx) (err error) {
		n, err = tx.CountMemories(ctx, "ada", "s", "adam")
		return err
	})
	if n != 2 {
		t.Fatalf("%d facts, want 2: the same id counts once", n)
	}
	for _, id := range []string{"bob red", "nothing"} {
		for what, do := range map[string]func(context.Context, *store.Tx) error{
			"read": func(ctx context.Context, tx *store.Tx) error { _, err := tx.Memory(ctx, "ada", id); return err },
			"change": func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.ChangeMemory(ctx, "ada", id, "x")
				return err
			},
			"delete": func(ctx context.Context, tx *store.Tx) error { return tx.DeleteMemory(ctx, "ada", id) },
		} {
			if err := w.Write(t.Context(), do); !errors.Is(err, store.ErrNoMemory) {
				t.Errorf("%s %q: %v", what, id, err)
			}
		}
	}
	w.write(func(ctx context.Context, tx *store.Tx) error {
		m, err := tx.ChangeMemory(ctx, "ada", "ada red", "blue")
		if m.Content != "blue" || m.TmateKey != "adam" {
			t.Errorf("changed: %+v", m)
		}
		return err
	})
	if got := fmt.Sprint(w.find("red", 9), w.find("blue", 9), contents(w.page(store.MemoryFilter{}))); got != "[] [blue] [green blue]" {
		t.Errorf("after a change: %s", got)
	}
	w.write(func(ctx context.Context, tx *store.Tx) error { return tx.DeleteMemory(ctx, "ada", "ada red") })
	if got := fmt.Sprint(w.find("blue", 9), contents(w.page(store.MemoryFilter{}))); got != "[] [green]" {
		t.Errorf("after forgetting one: %s", got)
	}
	w.write(func(ctx context.Context, tx *store.Tx) error {
		gone, err := tx.DeleteMemories(ctx, "ada", "adam")
		if gone != 1 {
			t.Errorf("forgot %d", gone)
		}
		return err
	})
	w.read(func(ctx context.Context, tx *store.Tx) error {
		left, err := tx.FindMemories(ctx, "bob", "s", "adam", store.EveryWord, "red", 9)
		if len(left) != 1 || len(w.page(store.MemoryFilter{})) != 0 {
			t.Errorf("after forgetting all: %+v", left)
		}
		return err
	})
}

func testPermissions(t *testing.T, open Open) {
	w := newWorld(t, open)
	get := func(organisation string) (p tmates.Permissions) {
		w.read(func(ctx context.Context, tx *store.Tx) (err error) {
			p, err = tx.Permissions(ctx, organisation, "adam")
			return err
		})
		return p
	}
	if diff := cmp.Diff(tmates.Permissions{MemberRisk: tmates.RiskAny}, get("org")); diff != "" {
		t.Errorf("nothing set:\n%s", diff)
	}
	for _, p := range []tmates.Permissions{
		{Allow: []string{"now"}, Deny: []string{"recall", "pin"}, MemberRisk: "write"}, {Allow: []string{}, MemberRisk: "none"}, {MemberRisk: tmates.RiskAny},
	} {
		w.write(func(ctx context.Context, tx *store.Tx) error { return tx.PutPermissions(ctx, "org", "adam", p) })
		got := get("org")
		got.UpdatedAt = time.Time{}
		if p.Deny == nil {
			p.Deny = []string{}
		}
		if diff := cmp.Diff(p, got); diff != "" {
			t.Errorf("kept (-want +got):\n%s", diff)
		}
	}
	if diff := cmp.Diff(tmates.Permissions{MemberRisk: tmates.RiskAny}, get("elsewhere")); diff != "" {
		t.Errorf("another organisation:\n%s", diff)
	}
}
