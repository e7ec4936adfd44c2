package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/server/identity"
	"github.com/tmates/tmates/server/team"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// Rooms are what the story is written through.
type Rooms struct {
	DB       *store.DB
	Team     *team.Team
	Identity *identity.Service
	Clock    *Clock // the rooms have it, too
}

// Fill writes the story into an empty data folder and returns the account of the
// person it is about, who has the password. The clock is the machine's again
// then.
func Fill(ctx context.Context, r Rooms, password string) (tmates.User, error) {
	s, err := read()
	if err != nil {
		return tmates.User{}, err
	}
	f := &filler{Rooms: r, story: s, calendar: calendarBefore(time.Now()), threads: map[string]tmates.Thread{}}
	defer r.Clock.release()
	if err := f.people(ctx, password); err != nil {
		return f.user, fmt.Errorf("tell story: %w", err)
	}
	if err := f.tell(ctx); err != nil {
		return f.user, fmt.Errorf("tell story: %w", err)
	}
	return f.user, nil
}

// filler is the work of one Fill.
type filler struct {
	Rooms
	story    story
	calendar calendar
	user     tmates.User
	threads  map[string]tmates.Thread // by who is in them; see turn.In
}

// people makes the accounts and the organisation, just before the first day.
func (f *filler) people(ctx context.Context, password string) error {
	begun, err := f.calendar.at(moment{Day: 13, At: "07:30"})
	if err != nil {
		return err
	}
	f.Clock.set(begun)
	p, other := f.story.Person, f.story.Colleague
	if f.user, err = f.Identity.AddUser(ctx, identity.NewUser{Email: p.Email, Name: p.Name, Password: password}); err != nil {
		return err
	}
	if _, err := f.Identity.AddUser(ctx, identity.NewUser{Email: other.Email, Name: other.Name}); err != nil {
		return err
	}
	return f.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		org, _, _, err := tx.Membership(ctx, f.user.ID)
		if err != nil {
			return err
		}
		return tx.RenameOrganisation(ctx, org.ID, f.story.Organisation)
	})
}

// tell writes down everything in the order in which it happened.
func (f *filler) tell(ctx context.Context) error {
	var all []event
	add := func(m moment, write func() error) error {
		at, err := f.calendar.at(m)
		all = append(all, event{at, write})
		return err
	}
	var err error
	for _, h := range f.story.Hires {
		err = errors.Join(err, add(h.moment, func() error { _, err := f.Team.Hire(ctx, f.user.ID, h.Key); return err }))
	}
	for _, m := range f.story.Memories {
		err = errors.Join(err, add(m.moment, func() error { return f.remember(ctx, m) }))
	}
	for _, p := range f.story.Posts {
		err = errors.Join(err, add(p.moment, func() error { return f.pin(ctx, p) }))
	}
	for _, t := range f.story.Turns {
		err = errors.Join(err, add(t.moment, func() error { return f.talk(ctx, t) }))
	}
	if err != nil {
		return err
	}
	inOrder(all)
	for _, e := range all {
		f.Clock.set(e.at)
		if err := e.write(); err != nil {
			return err
		}
	}
	return nil
}

// thread returns the thread of a tmate, or Team Chat.
func (f *filler) thread(ctx context.Context, in string) (th tmates.Thread, err error) {
	if th, ok := f.threads[in]; ok {
		return th, nil
	}
	slug := tmates.DirectSlug(in)
	if in == "team" {
		slug = tmates.TeamChatSlug
	}
	err = f.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		org, _, _, err := tx.Membership(ctx, f.user.ID)
		if err != nil {
			return err
		}
		if th, err = tx.ThreadBySlug(ctx, org.ID, f.user.ID, slug); err != nil {
			return err
		}
		if in != "team" {
			th.ActiveSessionID = tmates.CanonicalSession(tmates.SessionID(f.user.ID, th.ID, in))
		}
		return tx.UpdateThread(ctx, th)
	})
	f.threads[in] = th
	return th, err
}

func (f *filler) remember(ctx context.Context, m fact) error {
	th, err := f.thread(ctx, m.By)
	if err != nil {
		return err
	}
	return f.Team.Remember(ctx, f.scope(th, m.By, f.DB.NewID()), f.calendar.words(m.Text))
}

func (f *filler) pin(ctx context.Context, p post) error {
	kept := tmates.Post{Title: f.calendar.words(p.Title), Content: f.calendar.words(p.Text), Priority: p.Priority}
	if p.By == "" {
		_, _, err := f.Team.AddPost(ctx, f.user.ID, kept)
		return err
	}
	_, err := f.Team.Pin(ctx, agents.Scope{UserID: f.user.ID, TmateKey: p.By, JobID: f.DB.NewID()}, kept)
	return err
}

func (f *filler) scope(th tmates.Thread, key, jobID string) agents.Scope {
	return agents.Scope{UserID: f.user.ID, TmateKey: key, ThreadID: th.ID, SessionID: th.ActiveSessionID, JobID: jobID}
}

// upload keeps a file of the person and returns it as an attachment.
func (f *filler) upload(ctx context.Context, name string) (a tmates.Attachment, err error) {
	data, err := content(name, f.story.Files[name])
	if err != nil {
		return a, err
	}
	kept, err := f.Team.Upload(ctx, f.user.ID, name, bytes.NewReader(data))
	if err != nil {
		return a, err
	}
	return f.dated(ctx, kept)
}

// dated gives a file the time of the story, on the disk as in the index, which
// is held against the disk at every start.
func (f *filler) dated(ctx context.Context, kept tmates.File) (a tmates.Attachment, err error) {
	at := f.Clock.Now()
	_, file, err := f.Team.OpenFile(ctx, f.user.ID, kept.Path)
	if err != nil {
		return a, err
	}
	if err := errors.Join(os.Chtimes(file.Name(), at, at), file.Close()); err != nil {
		return a, fmt.Errorf("date file: %w", err)
	}
	kept.Modified = at
	err = f.DB.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.PutFile(ctx, f.user.ID, kept) })
	return tmates.Attachment{
		URI: tmates.DownloadURL(kept.Path), Type: kept.MediaType, Name: kept.Name, RelativePath: kept.Path, SizeBytes: &kept.Size,
	}, err
}
