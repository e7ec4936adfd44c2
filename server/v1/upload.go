package v1

import (
	"cmp"
	"errors"
	"net/http"
	"path"
	"time"

	"github.com/tmates/tmates/server/limit"
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
	turns := limit.NewTurns(uploadsAtOnce, uploadsOfUser, uploadsWaiting)
	return func(c call) error {
		// Beyond that nobody would wait for the refusal: see form.drain.
		if c.Request().ContentLength/2 > o.MaxUpload+maxField {
			return errUploadTooLarge
		}
		leave, err := turns.Enter(c.ctx(), c.user, uploadWait)
		if errors.Is(err, limit.ErrBusy) {
			return errUploadsBusy
		}
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
