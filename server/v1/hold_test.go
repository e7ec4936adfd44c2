package v1

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tmates/tmates/server/hub"
	"github.com/tmates/tmates/store/tmates"
)

// told is a thread in memory: what a hold may ask about it.
type told struct {
	mu       sync.Mutex
	messages []tmates.Message
	waiting  bool
	reads    int
}

func (h *told) ReadThread(context.Context, string, string, int64, int) (tmates.Thread, []tmates.Message, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.reads++
	return tmates.Thread{ID: "t1"}, h.messages, nil
}

func (h *told) Waiting(context.Context, string, string) (bool, error) { return h.waiting, nil }

const longest = 3 * time.Second

func said(ago time.Duration, role string) []tmates.Message {
	return []tmates.Message{{ID: "m1", Role: role, CreatedAt: time.Now().Add(-ago)}}
}

// reply adds an answer to the thread and tells the hub.
func (h *told) reply(feed *hub.Hub) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.messages = append(h.messages, tmates.Message{ID: "m2", Role: tmates.MessageAssistant})
	feed.Publish([]tmates.Event{{UserID: "u1", Type: tmates.EventMessage, ThreadID: "t1", Message: &h.messages[1]}})
}

// holding returns a hold over h with one place.
func holding(h *told, stopping <-chan struct{}) hold {
	return hold{h, hub.New(hub.Options{Encode: Encode}), longest, stopping, time.Now, make(chan struct{}, 1)}
}

// stand waits without having turns to give back.
func stand(_ context.Context, wait func()) error { wait(); return nil }

// poll reads the thread and tells how long that took.
func poll(t *testing.T, h hold) (messages []tmates.Message, took time.Duration) {
	t.Helper()
	begun := time.Now()
	_, messages, err := h.read(t.Context(), "u1", "t1", 10, stand, func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return messages, time.Since(begun)
}

// bubble runs a sub-test in virtual time.
func bubble(t *testing.T, name string, test func(t *testing.T)) {
	t.Run(name, func(t *testing.T) { t.Parallel(); synctest.Test(t, test) })
}

// A poll waits for the answer, but only where that serves the client (Q-K3).
func TestHoldPoll(t *testing.T) {
	t.Parallel()
	bubble(t, "until the answer", func(t *testing.T) {
		h := &told{messages: said(0, tmates.MessageUser), waiting: true}
		held := holding(h, nil)
		go func() { time.Sleep(time.Second); h.reply(held.hub) }()
		messages, took := poll(t, held)
		if len(messages) != 2 || took != time.Second {
			t.Errorf("%d messages after %s", len(messages), took)
		}
	})
	bubble(t, "not for ever", func(t *testing.T) {
		h := &told{messages: said(4*time.Minute, tmates.MessageUser), waiting: true}
		if messages, took := poll(t, holding(h, nil)); len(messages) != 1 || took != longest {
			t.Errorf("%d messages after %s", len(messages), took)
		}
		if h.reads != 2 {
			t.Errorf("read %d times", h.reads)
		}
	})
	bubble(t, "until the server stops", func(t *testing.T) {
		h, stopping := &told{messages: said(0, tmates.MessageUser), waiting: true}, make(chan struct{})
		go func() { time.Sleep(time.Second); close(stopping) }()
		if _, took := poll(t, holding(h, stopping)); took != time.Second {
			t.Errorf("held for %s", took)
		}
	})
	bubble(t, "until the client leaves", func(t *testing.T) {
		h := &told{messages: said(0, tmates.MessageUser), waiting: true}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		held := holding(h, nil)
		if _, _, err := held.read(ctx, "u1", "t1", 10, stand, func() error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error = %v", err)
		}
		if len(held.places) != 0 {
			t.Error("its place is still taken")
		}
	})
}

// Where waiting serves nobody, the answer comes at once.
func TestHoldPollNot(t *testing.T) {
	t.Parallel()
	atOnce := map[string]func(h *told, held *hold){
		"switched off":          func(_ *told, held *hold) { held.longest = 0 },
		"nobody is working":     func(h *told, _ *hold) { h.waiting = false },
		"said long ago":         func(h *told, _ *hold) { h.messages = said(holdPast, tmates.MessageUser) },
		"said by somebody else": func(h *told, _ *hold) { h.messages = said(0, tmates.MessageSystem) },
		"no place left":         func(_ *told, held *hold) { held.places <- struct{}{} },
	}
	for name, change := range atOnce {
		bubble(t, name, func(t *testing.T) {
			h := &told{messages: said(0, tmates.MessageUser), waiting: true}
			held := holding(h, nil)
			change(h, &held)
			if messages, took := poll(t, held); len(messages) != 1 || took != 0 || h.reads != 1 {
				t.Errorf("%d messages after %s and %d reads", len(messages), took, h.reads)
			}
		})
	}
}
