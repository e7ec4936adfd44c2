package team

import (
	"cmp"
	"context"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// What a search finds.
const (
	FoundTmate   = "tmate"
	FoundThread  = "thread"
	FoundFile    = "file"
	FoundPost    = "post"
	FoundMessage = "message"
)

// Found lists what a search finds, in the order of its answer: what bears a name
// comes before what says the words somewhere.
func Found() []string {
	return []string{FoundTmate, FoundThread, FoundFile, FoundPost, FoundMessage}
}

// Search is what somebody looks for.
type Search struct {
	Words  tmates.Query
	Kinds  []string // of Found; empty: all of them
	Thread string   // id or alias; then only messages of it are found
	Limit  int
}

// Finding is one thing a search found.
type Finding struct {
	Kind     string
	ID       string // a file's is its path, a tmate's its key
	Title    string // what the thing is called, or a message's thread
	Author   string // empty: nobody is named
	Snippet  []tmates.Segment
	ThreadID string    // of threads and messages
	Seq      int64     // of messages
	Slug     string    // of posts
	At       time.Time // when it was said, published, changed or last active; zero for tmates
}

// Search finds messages in the caller's threads, their threads, files, the posts
// of their organisation and the tmates it may know of. With several kinds one of
// those that are not messages takes a fifth of the places at most.
func (t *Team) Search(ctx context.Context, userID string, s Search) (all []Finding, err error) {
	c, err := t.Caller(ctx, userID)
	if err != nil {
		return nil, err
	}
	if len(s.Kinds) == 0 {
		s.Kinds = Found()
	}
	if slices.Contains(s.Kinds, FoundFile) && s.Thread == "" {
		if err := t.inStep(ctx, userID); err != nil {
			return nil, err
		}
	}
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		if s.Thread != "" {
			th, err := t.lookUpThread(ctx, tx, c, s.Thread)
			if err != nil {
				return err
			}
			s.Thread, s.Kinds = th.ID, slices.DeleteFunc(slices.Clone(s.Kinds), func(kind string) bool { return kind != FoundMessage })
		}
		most := s.Limit
		if len(s.Kinds) > 1 {
			most = max(s.Limit/5, 1)
		}
		for _, kind := range Found() {
			if !slices.Contains(s.Kinds, kind) {
				continue
			}
			left := s.Limit - len(all)
			if kind != FoundMessage {
				left = min(left, most)
			}
			if left == 0 || len(s.Words.Terms) == 0 {
				break
			}
			some, err := t.find(ctx, tx, c, kind, s, left)
			if err != nil {
				return err
			}
			all = append(all, some...)
		}
		return nil
	})
	return all, err
}

func (t *Team) find(ctx context.Context, tx *store.Tx, c Caller, kind string, s Search, limit int) ([]Finding, error) {
	switch kind {
	case FoundTmate:
		return t.findTmates(c, s.Words.Names(), limit), nil
	case FoundThread:
		return findThreads(ctx, tx, c, s.Words.Names(), limit)
	case FoundFile:
		return findFiles(ctx, tx, c, s.Words.Names(), limit)
	case FoundPost:
		return t.findPosts(ctx, tx, c, s.Words, limit)
	}
	return findMessages(ctx, tx, c, s, limit)
}

// findTmates looks at what the store shows of a tmate: those of the name first.
func (t *Team) findTmates(c Caller, q tmates.Query, limit int) (all []Finding) {
	var said []Finding
	for _, tm := range t.Visible(c) {
		f := Finding{Kind: FoundTmate, ID: tm.Key, Title: tm.Name}
		about := strings.Join([]string{tm.Role, tm.Category, tm.Description}, " ")
		switch {
		case q.In(tm.Name) || q.In(tm.Key):
			f.Snippet = q.Mark(tm.Name)
			all = append(all, f)
		case q.In(tm.Name + " " + about):
			f.Snippet = q.Snippet(strings.TrimSpace(about))
			said = append(said, f)
		}
	}
	all = append(all, said...)
	return all[:min(limit, len(all))]
}

func findThreads(ctx context.Context, tx *store.Tx, c Caller, q tmates.Query, limit int) (all []Finding, err error) {
	threads, err := tx.SearchThreads(ctx, c.Organisation.ID, c.User.ID, q, limit)
	for _, th := range threads {
		all = append(all, Finding{Kind: FoundThread, ID: th.ID, Title: th.Title, ThreadID: th.ID, At: th.LastActivity, Snippet: q.Mark(th.Title)})
	}
	return all, err
}

func findFiles(ctx context.Context, tx *store.Tx, c Caller, q tmates.Query, limit int) (all []Finding, err error) {
	files, err := tx.SearchFiles(ctx, c.User.ID, q, limit)
	for _, f := range files {
		name := cmp.Or(f.Name, path.Base(f.Path))
		shown := name
		if !q.In(name) {
			shown = f.Path
		}
		all = append(all, Finding{Kind: FoundFile, ID: f.Path, Title: name, At: f.Modified, Snippet: q.Mark(shown)})
	}
	return all, err
}

func (t *Team) findPosts(ctx context.Context, tx *store.Tx, c Caller, q tmates.Query, limit int) (all []Finding, err error) {
	posts, err := tx.SearchPosts(ctx, c.Organisation.ID, q, limit)
	if err != nil {
		return nil, err
	}
	names, err := t.authors(ctx, tx, c, posts)
	for _, p := range posts {
		all = append(all, Finding{Kind: FoundPost, ID: p.ID, Title: p.Title, Author: names[p.ID], Slug: p.Slug, At: p.CreatedAt, Snippet: q.Snippet(p.Content)})
	}
	return all, err
}

func findMessages(ctx context.Context, tx *store.Tx, c Caller, s Search, limit int) (all []Finding, err error) {
	messages, err := tx.SearchMessages(ctx, c.User.ID, s.Thread, s.Words, limit)
	if err != nil {
		return nil, err
	}
	titles := map[string]string{}
	for _, m := range messages {
		title, known := titles[m.ThreadID]
		if !known {
			th, err := tx.Thread(ctx, c.User.ID, m.ThreadID)
			if err != nil {
				return nil, err
			}
			title = th.Title
			titles[m.ThreadID] = title
		}
		all = append(all, Finding{
			Kind: FoundMessage, ID: m.ID, Title: title, Author: m.Author, ThreadID: m.ThreadID, Seq: m.Seq, At: m.CreatedAt,
			Snippet: s.Words.Snippet(m.Content),
		})
	}
	return all, nil
}
