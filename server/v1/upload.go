package v1

import (
	"cmp"
	"context"
	"net/http"
	"path"
	"sync"
	"time"

	"github.com/tmates/tmates/store/tmates"
)

// Bounds of uploads, besides the size of the file.
const (
	uploadsAtOnce  = 64               // of everybody together: a slow one costs a connection and a buffer, no more
	uploadsOfUser  = 3                // of one person, so that the others get a turn, too
	uploadsWaiting = 64               // of one person, those that run included
	uploadWait     = 30 * time.Second // for a turn
	answerTime     = 2 * time.Minute  // to take the answer, once the file is stored
)

var (
	errUploadTooLarge = tmates.E(tmates.TooLarge, "file_too_large", nil, "Uploaded file exceeds the maximum allowed size.")
	errUploadsBusy    = tmates.E(tmates.Unavailable, "uploads_busy", nil, "Too many uploads at a time. Please try again.")
)

// uploadFile serves POST /files/upload. The file goes from the connection to the
// disk without being held in memory.
func uploadFile(o Options) func(call) error {
	type stored struct {
		frameFile
		OriginalName string `json:"original_name"`
	}
	type answer struct {
		Success bool   `json:"success"`
		File    stored `json:"file"`
	}
	turns := newTurns()
	return func(c call) error {
		// Beyond that nobody would wait for the refusal: see form.drain.
		if c.Request().ContentLength/2 > o.MaxUpload+maxField {
			return errUploadTooLarge
		}
		leave, err := turns.enter(c.ctx(), c.user)
		if err != nil {
			return err
		}
		defer leave()
		in, err := newForm(c)
		if err != nil {
			return err
		}
		f, err := receive(c, o.Team, in)
		if err != nil {
			in.drain(o.MaxUpload)
		}
		_ = http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(answerTime)) // recorders of tests know none
		if err != nil {
			return err
		}
		return writeJSON(c, http.StatusCreated, answer{true, stored{frameFileOf(f), cmp.Or(f.Name, path.Base(f.Path))}})
	}
}

func receive(c call, use folder, in *form) (tmates.File, error) {
	part, err := in.file()
	if err != nil {
		return tmates.File{}, err
	}
	return use.Upload(c.ctx(), c.user, part.name, part)
}

// turns lets only so many uploads run at a time.
type turns struct {
	all chan struct{}
	mu  sync.Mutex
	of  map[string]*turn // by user; those nobody runs or waits for are forgotten
}

// turn is the share of one user.
type turn struct {
	places chan struct{}
	users  int // who run or wait; under turns.mu
}

func newTurns() *turns {
	return &turns{all: make(chan struct{}, uploadsAtOnce), of: map[string]*turn{}}
}

// enter waits for a turn of the user. The caller ends it with leave.
func (t *turns) enter(ctx context.Context, userID string) (leave func(), err error) {
	t.mu.Lock()
	own := t.of[userID]
	if own == nil {
		own = &turn{places: make(chan struct{}, uploadsOfUser)}
		t.of[userID] = own
	}
	if own.users == uploadsWaiting {
		t.mu.Unlock()
		return nil, errUploadsBusy
	}
	own.users++
	t.mu.Unlock()
	forget := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if own.users--; own.users == 0 {
			delete(t.of, userID)
		}
	}
	late := time.NewTimer(uploadWait)
	defer late.Stop()
	held := []chan struct{}{}
	leave = func() {
		for _, places := range held {
			<-places
		}
		forget()
	}
	for _, places := range []chan struct{}{own.places, t.all} {
		select {
		case places <- struct{}{}:
			held = append(held, places)
		case <-late.C:
			leave()
			return nil, errUploadsBusy
		case <-ctx.Done():
			leave()
			return nil, context.Cause(ctx)
		}
	}
	return leave, nil
}
