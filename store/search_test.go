package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/migrations"
	"github.com/tmates/tmates/store/tmates"
)

// TestSearchPlans holds that a search reads rows by their key, and the index by
// words.
func TestSearchPlans(t *testing.T) {
	t.Parallel()
	db, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for query, want := range map[string]string{
		findMessages:  "SCAN message_words VIRTUAL TABLE INDEX 192:M3; SEARCH m USING PRIMARY KEY (thread_id=? AND seq=?)",
		tailOfThread:  "SEARCH m USING PRIMARY KEY (thread_id=? AND seq>?)",
		tailThreadsOf: "SEARCH threads USING INDEX threads_user (user_id=?); USE TEMP B-TREE FOR ORDER BY",
		stepOfThread:  "SEARCH m USING PRIMARY KEY (thread_id=? AND seq>?)",
		postByNumber:  "SEARCH posts USING INDEX posts_seq (seq=?)",
		searchPosts:   "SCAN post_words VIRTUAL TABLE INDEX 0:M3; USE TEMP B-TREE FOR ORDER BY",
	} {
		args := make([]any, strings.Count(query, "?"))
		for i := range args {
			args[i] = "1"
		}
		if got := strings.Join(plan(t, db, query, args), "; "); got != want {
			t.Errorf("%s\nplan %q, want %q", query, got, want)
		}
	}
}

// hall is a database with people who talk.
type hall struct {
	*DB
	t *testing.T
	n int
}

func newHall(t *testing.T, o Options) *hall {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	db, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	h := &hall{DB: db, t: t}
	for _, org := range []string{"o1", "o2"} {
		h.write(func(ctx context.Context, tx *Tx) error {
			return tx.AddOrganisation(ctx, tmates.Organisation{ID: org, Name: org, Type: "personal", CreatedAt: tx.Now})
		})
	}
	for user, org := range map[string]string{"ada": "o1", "bob": "o1", "cleo": "o2"} {
		h.write(func(ctx context.Context, tx *Tx) error {
			_, err := tx.AddUser(ctx, tmates.User{ID: user, Email: user + "@example.com", CreatedAt: tx.Now, UpdatedAt: tx.Now})
			return err
		})
		for _, thread := range []string{"a", "b", "c"} {
			h.write(func(ctx context.Context, tx *Tx) error {
				return tx.AddThread(ctx, tmates.Thread{ID: user + thread, OrganisationID: org, UserID: user, Slug: thread, Title: thread, Kind: tmates.KindGroup})
			})
		}
	}
	return h
}

func (h *hall) write(fn func(context.Context, *Tx) error) {
	h.t.Helper()
	if err := h.Write(context.Background(), fn); err != nil {
		h.t.Fatal(err)
	}
}

// say keeps messages of a person in a thread, "adaa" being Ada's first.
func (h *hall) say(thread, role string, texts ...string) {
	h.t.Helper()
	user := thread[:len(thread)-1]
	for _, text := range texts {
		h.n++
		h.write(func(ctx context.Context, tx *Tx) error {
			_, err := tx.AddMessage(ctx, tmates.Message{ID: fmt.Sprint("m", h.n), ThreadID: thread, UserID: user, Role: role, Content: text})
			return err
		})
	}
}

func (h *hall) pin(org, id string) {
	h.t.Helper()
	h.write(func(ctx context.Context, tx *Tx) error {
		_, err := tx.AddPost(ctx, tmates.Post{ID: id, OrganisationID: org, UserID: "ada", Slug: id, Title: "tea " + id, Content: "milk"})
		return err
	})
}

func (h *hall) find(user, query string) (texts []string) {
	h.t.Helper()
	err := h.Read(h.t.Context(), func(ctx context.Context, tx *Tx) error {
		found, err := tx.SearchMessages(ctx, user, "", tmates.ParseQuery(query), 50)
		for _, m := range found {
			texts = append(texts, m.Content)
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return texts
}

func (h *hall) indexAll() {
	h.t.Helper()
	if err := h.IndexAll(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

// What a search reads of messages without words is bounded for the person, and
// not for each of their threads.
func TestTailIsBounded(t *testing.T) {
	t.Parallel()
	h := newHall(t, Options{})
	long := strings.Repeat("tea ", tailBytes/4/3)
	for _, thread := range []string{"adaa", "adab", "adac"} {
		h.say(thread, tmates.MessageUser, long, long)
	}
	if n := len(h.find("ada", "tea")); n < 3 || n > 4 { // what goes beyond is read whole
		t.Errorf("%d messages of a third of the bound each were read", n)
	}
	h.indexAll()
	if n := len(h.find("ada", "tea")); n != 6 {
		t.Errorf("%d found with words", n)
	}
}

// Whatever ends a message or a post ends its words, and nothing else loses any.
func TestMessageWordsStayInStep(t *testing.T) {
	t.Parallel()
	h := newHall(t, Options{})
	for _, user := range []string{"ada", "bob", "cleo"} {
		for _, thread := range []string{"a", "b", "c"} {
			h.say(user+thread, tmates.MessageUser, "tea", "milk")
			h.say(user+thread, tmates.MessageSystem, "tea is served")
			h.say(user+thread, tmates.MessageAssistant, "more tea")
		}
	}
	for _, post := range []string{"p1", "p2", "p3"} {
		h.pin("o1", post)
	}
	h.pin("o2", "p4")
	h.indexAll()
	for _, c := range []struct {
		name            string
		messages, posts int // with words
		do              func(context.Context, *Tx) error
	}{
		{"nothing", 27, 4, func(context.Context, *Tx) error { return nil }},
		{"a thread is cleared", 24, 4, func(ctx context.Context, tx *Tx) error { return tx.ClearThread(ctx, "ada", "adaa") }},
		{"somebody else's is not", 24, 4, func(ctx context.Context, tx *Tx) error {
			return ignore(tx.ClearThread(ctx, "ada", "boba"), ErrNoThread)
		}},
		{"a thread is deleted", 21, 4, func(ctx context.Context, tx *Tx) error { return tx.DeleteThread(ctx, "ada", "adab") }},
		{"somebody else's is not", 21, 4, func(ctx context.Context, tx *Tx) error {
			return ignore(tx.DeleteThread(ctx, "ada", "bobb"), ErrNoThread)
		}},
		{"a post is deleted", 21, 3, func(ctx context.Context, tx *Tx) error { return tx.DeletePost(ctx, "o1", "p1") }},
		{"another organisation's is not", 21, 3, func(ctx context.Context, tx *Tx) error { return tx.DeletePost(ctx, "o1", "p4") }},
		{"a slug is taken", 21, 3, func(ctx context.Context, tx *Tx) error {
			_, err := tx.AddPost(ctx, tmates.Post{ID: "p5", OrganisationID: "o1", Slug: "p2", Title: "tea"})
			return err
		}},
		{"an account is deleted", 12, 3, func(ctx context.Context, tx *Tx) error { return tx.DeleteUser(ctx, "bob") }},
		{"an organisation is deleted", 3, 2, func(ctx context.Context, tx *Tx) error { return tx.DeleteOrganisation(ctx, "o2") }},
	} {
		h.write(c.do)
		h.indexAll()
		var messages, places, posts, strays int
		err := h.r.QueryRowContext(t.Context(), `SELECT (SELECT COUNT(*) FROM message_words), (SELECT COUNT(*) FROM message_words_content), (SELECT COUNT(*) FROM post_words),
			(SELECT COUNT(*) FROM message_words WHERE message_words MATCH 'tea OR milk' AND rowid NOT IN (SELECT seq FROM messages)) +
			(SELECT COUNT(*) FROM post_words WHERE post_words MATCH 'tea OR milk' AND rowid NOT IN (SELECT seq FROM posts))`).Scan(&messages, &places, &posts, &strays)
		if err != nil || messages != c.messages || places != c.messages || posts != c.posts || strays != 0 {
			t.Errorf("%s: %d messages in %d places and %d posts in the index, %d astray, %v; want %d and %d", c.name, messages, places, posts, strays, err, c.messages, c.posts)
		}
	}
}

func ignore(err, expected error) error {
	if err == expected {
		return nil
	}
	return err
}

// A message is found at once, by the same query whether its words are in the index
// or not, and never by somebody else.
func TestSearchMessages(t *testing.T) {
	t.Parallel()
	h := newHall(t, Options{})
	h.say("adaa", tmates.MessageUser, "The front door is red", "A door in the front", "Zoë likes crème brûlée", "東京で会議があります", "한국어를 배워요")
	h.say("adab", tmates.MessageAssistant, "Doors of the city", "snake_case and to-do: x")
	h.say("adab", tmates.MessageSystem, "door opened")
	h.say("boba", tmates.MessageUser, "Bob's front door")
	cases := []struct {
		query string
		want  []string
	}{
		{"door", []string{"Doors of the city", "A door in the front", "The front door is red"}},
		{"front door", []string{"The front door is red", "A door in the front"}}, // in a row first
		{`"front door"`, []string{"The front door is red"}},
		{`"doo`, []string{"Doors of the city", "A door in the front", "The front door is red"}},
		{"zoe BRULEE", []string{"Zoë likes crème brûlée"}},
		{"会議", []string{"東京で会議があります"}},
		{"東議", nil},
		{"한국", []string{"한국어를 배워요"}},
		{"case", []string{"snake_case and to-do: x"}},
		{"to-do", []string{"snake_case and to-do: x"}},
		{"oor", nil}, {"", nil}, {`"`, nil}, {"*", nil}, {"owner:ada", nil}, {"NEAR(door, 2)", nil}, {"door) OR (front", nil}, {"-door", []string{"Doors of the city", "A door in the front", "The front door is red"}},
		{"\x00", nil}, {"door\x00", []string{"Doors of the city", "A door in the front", "The front door is red"}},
	}
	for _, when := range []string{"before", "after"} {
		for _, c := range cases {
			if diff := cmp.Diff(c.want, h.find("ada", c.query)); diff != "" {
				t.Errorf("%s indexing, %q (-want +got):\n%s", when, c.query, diff)
			}
		}
		h.indexAll()
	}
	h.say("adaa", tmates.MessageUser, "A newer door")
	err := h.Read(t.Context(), func(ctx context.Context, tx *Tx) error {
		for thread, want := range map[string]int{"adaa": 3, "adab": 1, "boba": 0} {
			found, err := tx.SearchMessages(ctx, "ada", thread, tmates.ParseQuery("door"), 50)
			if err != nil || len(found) != want {
				t.Errorf("in %s: %d, %v; want %d", thread, len(found), err, want)
			}
		}
		found, err := tx.SearchMessages(ctx, "ada", "", tmates.ParseQuery("door"), 2)
		if err != nil || len(found) != 2 || found[0].Content != "A newer door" || found[0].ID == "" || found[0].ThreadID != "adaa" || found[0].CreatedAt.IsZero() {
			t.Errorf("two: %+v, %v", found, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// A search before the index has a message and one after agree on what a word is.
func TestWordsAreTheIndexs(t *testing.T) {
	t.Parallel()
	h := newHall(t, Options{})
	texts := []string{
		"It's 3.14 e-mail@example.com a_b C++ #tag (x) [y] {z} <b>bold</b> `code` path/to/file.go", "ÀÉÎÕÜ ñ ç ß ø æ Łódź naïve façade", "Привет, как дела? Ёлка",
		"Ελληνικά ώρα", "שלום עולם", "مرحبا بالعالم", "नमस्ते दुनिया", "東京タワーへ行く", "สวัสดี", "한국어 텍스트", "emoji 🤖 here", "ﬁne ½ ² ⅷ ①", "a\u0301 combining e\u0308nd", "tab\tline\nend", "…—“quoted”",
	}
	h.say("adaa", tmates.MessageUser, texts...)
	type answers map[string]string
	ask := func() answers {
		all := answers{}
		for _, text := range texts {
			for field := range strings.FieldsSeq(text) {
				all[field] = fmt.Sprintf("%q", slices.Sorted(slices.Values(h.find("ada", field))))
			}
			all[`"`+text+`"`] = fmt.Sprintf("%q", slices.Sorted(slices.Values(h.find("ada", `"`+text+`"`))))
		}
		return all
	}
	before := ask()
	h.indexAll()
	if diff := cmp.Diff(before, ask()); diff != "" {
		t.Errorf("(-before +after indexing):\n%s", diff)
	}
}

// TestUpgradeIndexes: what a database from before the search has said is found
// after the upgrade.
func TestUpgradeIndexes(t *testing.T) {
	t.Parallel()
	dir, old := t.TempDir(), fstest.MapFS{}
	names, err := filepath.Glob("../migrations/0000*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		name = filepath.Base(name)
		data, err := migrations.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		old[name] = &fstest.MapFile{Data: data}
	}
	before := bare(t, dir)
	if err := migrate(t.Context(), before, old, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	for _, insert := range []string{
		`INSERT INTO organisations (id, name, type, created_at) VALUES ('o1', 'Shop', 'personal', 1)`,
		`INSERT INTO users (id, email, created_at, updated_at) VALUES ('ada', 'ada@example.com', 1, 1)`,
		`INSERT INTO threads (id, organisation_id, user_id, slug, title, kind, last_seq, last_activity, created_at, updated_at) VALUES ('adaa', 'o1', 'ada', 's', 't', 'group', 2, 1, 1, 1)`,
		`INSERT INTO messages (thread_id, seq, id, organisation_id, user_id, role, content, created_at) VALUES
			('adaa', 1, 'm1', 'o1', 'ada', 'user', 'the oldest door', 1), ('adaa', 2, 'm2', 'o1', 'ada', 'assistant', '東京で会議', 1)`,
		`UPDATE sequences SET value = 2 WHERE name = 'message'`,
		`INSERT INTO posts (id, organisation_id, user_id, slug, title, content, created_at, updated_at) VALUES ('p', 'o1', 'ada', 'p', 'News', 'of the door', 1, 1)`,
	} {
		if _, err := before.pool.ExecContext(t.Context(), insert); err != nil {
			t.Fatal(err)
		}
	}
	if err := before.pool.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	h := &hall{DB: db, t: t}
	h.indexAll()
	if got := fmt.Sprint(h.find("ada", "door"), h.find("ada", "会議")); got != "[the oldest door] [東京で会議]" {
		t.Errorf("messages: %s", got)
	}
	h.pin("o1", "tea")
	err = db.Read(t.Context(), func(ctx context.Context, tx *Tx) error {
		posts, err := tx.SearchPosts(ctx, "o1", tmates.ParseQuery("door"), 9)
		if err != nil || len(posts) != 1 || posts[0].Title != "News" {
			t.Errorf("posts: %+v, %v", posts, err)
		}
		posts, err = tx.SearchPosts(ctx, "o2", tmates.ParseQuery("door"), 9)
		if err != nil || len(posts) != 0 {
			t.Errorf("another organisation's posts: %+v, %v", posts, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// indexed counts the messages with words.
func (h *hall) indexed() (n int) {
	h.t.Helper()
	if err := h.r.QueryRowContext(context.Background(), `SELECT COUNT(*) FROM message_words`).Scan(&n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

// TestKeepIndexed: words come half a minute after their messages, in one write, and
// a process that ended in between loses none.
func TestKeepIndexed(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var commits atomic.Int64
		h := newHall(t, Options{Dir: dir, Trace: func(query string) {
			if query == commit {
				commits.Add(1)
			}
		}})
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { h.KeepIndexed(ctx); close(done) }()
		synctest.Wait()
		for range 3 {
			h.say("adaa", tmates.MessageUser, "tea")
			h.say("adab", tmates.MessageUser, "tea")
		}
		time.Sleep(gatherWords - time.Second)
		synctest.Wait()
		if n := h.indexed(); n != 0 {
			t.Errorf("%d are indexed too early", n)
		}
		before := commits.Load()
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := h.indexed(); n != 6 || commits.Load() != before+1 {
			t.Errorf("%d of 6 are indexed, in %d commits", n, commits.Load()-before)
		}
		// Many are not kept waiting.
		h.say("boba", tmates.MessageUser, slices.Repeat([]string{"tea"}, manyWordless)...)
		time.Sleep(gatherWords / 2)
		synctest.Wait()
		if n := h.indexed(); n < manyWordless {
			t.Errorf("%d of a thousand are indexed", n)
		}
		h.say("adac", tmates.MessageUser, "tea")
		stop()
		<-done
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		db, err := Open(context.Background(), Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		h := &hall{DB: db, t: t}
		if err := h.IndexAll(context.Background()); err != nil {
			t.Fatal(err)
		}
		if got := len(h.find("ada", "tea")); got != 7 {
			t.Errorf("Ada finds %d of 7", got)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A step that fails is done again, and a message that was undone has no words.
func TestIndexingFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t, Options{})
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan struct{})
		h.say("adaa", tmates.MessageUser, "tea")
		_ = h.Write(ctx, func(ctx context.Context, tx *Tx) error {
			_, err := tx.AddMessage(ctx, tmates.Message{ID: "gone", ThreadID: "adab", UserID: "ada", Role: tmates.MessageUser, Content: "tea"})
			return errors.Join(err, sql.ErrTxDone) // undone
		})
		if _, err := h.w.ExecContext(ctx, `ALTER TABLE message_words RENAME TO mislaid`); err != nil {
			t.Fatal(err)
		}
		go func() { h.KeepIndexed(ctx); close(done) }()
		time.Sleep(retryWords / 2)
		synctest.Wait()
		if _, err := h.w.ExecContext(ctx, `ALTER TABLE mislaid RENAME TO message_words`); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * retryWords)
		synctest.Wait()
		if n := h.indexed(); n != 1 {
			t.Errorf("%d are indexed", n)
		}
		stop()
		<-done
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
}
