package v1

import (
	"context"
	"errors"
	"time"

	"github.com/tmates/tmates/server/limit"
	"github.com/tmates/tmates/store/tmates"
)

// Bounds of requests, besides those of Options.
const (
	downloadsAtOnce = 256              // of everybody together: a slow one costs a connection and a buffer
	downloadsOfUser = 64               // of one person
	downloadWait    = 10 * time.Second // for a turn
	readWait        = 5 * time.Second  // for a turn to read much
	backWait        = 5 * time.Second  // for the turn of a poll that was held
)

var errBusy = tmates.E(tmates.Unavailable, "server_busy", nil, "The server has too much to do. Please try again.")

// turns bounds what is worked on at a time, so that the memory is.
type turns struct {
	requests  *limit.Turns // by address, from before the body is read; polls that were held come back
	large     *limit.Turns // answers of some megabytes, by user
	downloads *limit.Turns // by user
}

func newTurns(o Options) turns {
	return turns{
		requests:  limit.NewTurns(o.Requests, share(o.Requests), o.Requests+maxHeld),
		large:     limit.NewTurns(o.LargeReads, share(o.LargeReads), o.Requests),
		downloads: limit.NewTurns(downloadsAtOnce, downloadsOfUser, downloadsAtOnce),
	}
}

// share is what one client may have of so many turns: some are left for others.
func share(all int) int { return max(all-all/4, 1) }

// stay is the turns that a request has, one after the other.
type stay struct{ taken []taken }

type taken struct {
	turns  *limit.Turns
	client string
	leave  func()
}

// enter takes one more turn.
func (s *stay) enter(ctx context.Context, turns *limit.Turns, client string, wait time.Duration) error {
	leave, err := turns.Enter(ctx, client, wait)
	if errors.Is(err, limit.ErrBusy) {
		return errBusy
	}
	if err == nil {
		s.taken = append(s.taken, taken{turns, client, leave})
	}
	return err
}

// leave gives every turn back.
func (s *stay) leave() {
	for _, t := range s.taken {
		t.leave()
	}
	s.taken = nil
}

// aside lets others have the turns while the request only waits.
func (s *stay) aside(ctx context.Context, wait func()) error {
	had := s.taken
	s.leave()
	wait()
	for _, t := range had {
		if err := s.enter(ctx, t.turns, t.client, backWait); err != nil {
			return err
		}
	}
	return nil
}
