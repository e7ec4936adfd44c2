package v1

import (
	"context"
	"slices"
	"time"

	"github.com/tmates/tmates/server/hub"
	"github.com/tmates/tmates/store/tmates"
)

// Bounds of holding polls.
const (
	maxHeld  = 256             // requests held at a time, of all users
	holdPast = 5 * time.Minute // after the caller's last message nobody is waiting any more
)

// history is what reading a thread needs from the use-cases.
type history interface {
	ReadThread(ctx context.Context, userID, ref string, before int64, limit int) (tmates.Thread, []tmates.Message, error)
	Waiting(ctx context.Context, userID, threadID string) (bool, error)
}

// hold reads threads, and lets a client that polls for an answer in the making
// wait for it a little: the official client polls eight times and gives up
// after about ten seconds, which is too early for a slow model (Q-K3).
type hold struct {
	use      history
	hub      *hub.Hub
	longest  time.Duration // 0: never hold
	stopping <-chan struct{}
	now      func() time.Time
	places   chan struct{}
}

func newHold(o Options) hold {
	return hold{o.Team, o.Hub, o.HoldPoll, o.Stopping, o.Now, make(chan struct{}, maxHeld)}
}

// read returns the thread and its newest messages. It waits at most once, and
// only when a tmate is still to answer, the caller said something lately, has
// no socket that would tell them, and there is a place left. It waits inside
// aside, and asks again whether the caller may read.
func (h hold) read(
	ctx context.Context, userID, ref string, limit int, aside func(ctx context.Context, wait func()) error, again func() error,
) (t tmates.Thread, messages []tmates.Message, err error) {
	t, messages, err = h.use.ReadThread(ctx, userID, ref, 0, limit)
	if err != nil || h.longest <= 0 || !h.saidLately(messages) || h.hub.Online(userID) {
		return t, messages, err
	}
	select {
	case h.places <- struct{}{}: // also bounds the watches
		defer func() { <-h.places }()
	default:
		return t, messages, nil
	}
	// The watch comes first, then the question: an end that is not seen in the
	// answer is seen by the watch.
	w := h.hub.Watch(userID, t.ID)
	defer w.Close()
	waiting, err := h.use.Waiting(ctx, userID, t.ID)
	if err != nil || !waiting {
		return t, messages, err
	}
	messages = nil //nolint:wastedassign // not kept in memory while it waits
	err = aside(ctx, func() {
		late := time.NewTimer(h.longest)
		defer late.Stop()
		select {
		case <-w.C:
		case <-late.C:
		case <-h.stopping:
		case <-ctx.Done():
		}
	})
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return t, nil, err
	}
	if err := again(); err != nil { // the login may have ended meanwhile
		return t, nil, err
	}
	return h.use.ReadThread(ctx, userID, t.ID, 0, limit)
}

func (h hold) saidLately(messages []tmates.Message) bool {
	return slices.ContainsFunc(messages, func(m tmates.Message) bool {
		return m.Role == tmates.MessageUser && h.now().Sub(m.CreatedAt) < holdPast
	})
}
