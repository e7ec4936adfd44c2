package client_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/cmd/app/apptest"
	"github.com/tmates/tmates/cmd/client"
)

// slow is a brain that says one word and then thinks until it is stopped.
type slow struct{}

func (slow) Think(ctx context.Context, _ agents.Turn) iter.Seq2[agents.Part, error] {
	return func(yield func(agents.Part, error) bool) {
		if yield(agents.Part{Text: "Well"}, nil) {
			<-ctx.Done()
			yield(agents.Part{}, ctx.Err())
		}
	}
}

// open returns a socket in Ada's thread with Adam.
func open(t *testing.T, o apptest.Options) (*apptest.App, *client.Socket, string) {
	t.Helper()
	a := apptest.Start(t, o)
	ada := a.AddUser("ada@example.com", "Ada")
	c := client.New(a.URL+"/", ada.ID, ada.Token)
	thread, err := c.Open(t.Context(), "adam")
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Dial(t.Context(), thread.ID)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return a, s, thread.ID
}

// listener collects what is heard.
func listener(heard *[]string) client.Listener {
	return client.Listener{
		Typing: func(string) {},
		Text:   func(piece string) { *heard = append(*heard, "text "+piece) },
		Again:  func() { *heard = append(*heard, "again") },
		Reply:  func(m client.Message) { *heard = append(*heard, m.Author+": "+m.Content) },
		Typed:  func(line string) (string, error) { return line, nil },
	}
}

// TestStopWhileATmateWrites is what a person at a terminal does.
func TestStopWhileATmateWrites(t *testing.T) {
	t.Parallel()
	_, s, thread := open(t, apptest.Options{Model: slow{}})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var heard []string
	l := listener(&heard)
	typed := make(chan string, 1)
	text := l.Text
	l.Text = func(piece string) {
		text(piece)
		typed <- "stop"
	}
	if err := s.Say(ctx, thread, "think", typed, l); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(heard, []string{"text Well", "Adam: Well", "System: Stopped Adam."}) {
		t.Errorf("heard %q", heard)
	}
}

func TestTheServerGoes(t *testing.T) {
	t.Parallel()
	a, s, thread := open(t, apptest.Options{Model: slow{}, Env: []string{"TMATES_QUEUE_GRACE=0s"}})
	var heard []string
	l := listener(&heard)
	l.Text = func(string) { go a.Stop() }
	if err := s.Say(t.Context(), thread, "think", nil, l); !errors.Is(err, client.ErrGone) {
		t.Errorf("Say ends with %v", err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	a := apptest.Start(t, apptest.Options{})
	ada := a.AddUser("ada@example.com", "Ada")
	c := client.New(a.URL, ada.ID, ada.Token)
	_, err := c.Open(t.Context(), "nobody")
	if refused, ok := errors.AsType[*client.Error](err); !ok || refused.Status != 400 || refused.Msg == "" {
		t.Errorf("a tmate that is not there: %v", err)
	}
	if th, err := c.Open(t.Context(), client.TeamKey); err != nil || th.Title != "Team Chat" {
		t.Errorf("the Team Chat: %+v, %v", th, err)
	}
	if err := c.Logout(t.Context()); err != nil {
		t.Error(err)
	}
	_, err = c.Open(t.Context(), "adam")
	if refused, ok := errors.AsType[*client.Error](err); !ok || refused.Status != 401 {
		t.Errorf("after the logout: %v", err)
	}
}
