package v1

import (
	"errors"
	"io"
	"math"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/tmates/tmates/store/tmates"
)

// Bounds of a form besides the file in it.
const (
	maxFormParts = 32
	maxField     = 64 << 10 // bytes of another field together with the head of the next part
)

// A body may be slow, but it has to move: a silence of stall ends it, and so
// does an average below slowest bytes a second after the first firstBytes.
const (
	stall      = 30 * time.Second
	firstBytes = time.Minute
	slowest    = 8 << 10
)

// moveUntil is when reading a body must have gone on: the server's own deadline
// for a request would cut a long upload in the middle.
func moveUntil(began, now time.Time, read int64) time.Time {
	until := began.Add(firstBytes + time.Duration(float64(read)/slowest*float64(time.Second)))
	if next := now.Add(stall); next.Before(until) {
		return next
	}
	return until
}

var (
	errStalled  = echo.NewHTTPError(http.StatusRequestTimeout, "The upload stalled")
	errFormLong = tmates.E(tmates.Invalid, "form_too_long", nil, "A field of the form, or the head of one, is too long")
	errManyPart = tmates.E(tmates.Invalid, "form_parts", nil, "The form has more than %d parts", maxFormParts)
)

// form reads the one file of a multipart body, part by part, in constant memory.
type form struct {
	body  *meter
	parts *multipart.Reader
	seen  int
}

// newForm begins to read a request. Another content type has no fields.
func newForm(c call) (*form, error) {
	kind, params, err := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	if kind != "multipart/form-data" {
		var k checker
		k.missing([]any{"body", "file"}, nil)
		return nil, k.err()
	}
	if err != nil || params["boundary"] == "" || len(params["boundary"]) > 200 {
		return nil, tmates.E(tmates.Invalid, "form_boundary", err, "Missing boundary in multipart.")
	}
	body := &meter{r: c.Request().Body, left: maxField, began: time.Now(), until: http.NewResponseController(c.Response()).SetReadDeadline}
	return &form{body: body, parts: multipart.NewReader(body, params["boundary"])}, nil
}

// next returns the next part, or io.EOF after the last one. It skips what is
// left of the part before.
func (f *form) next() (*multipart.Part, error) {
	if f.seen++; f.seen > maxFormParts {
		return nil, errManyPart
	}
	f.body.left = maxField
	part, err := f.parts.NextRawPart()
	f.body.left = math.MaxInt64
	if err == io.EOF { // a body that ends too early is one that is wrapped
		return nil, io.EOF
	}
	return part, broken(err)
}

// broken words an error of reading the form for the client, unless it has words.
func broken(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*tmates.Error](err); ok {
		return err
	}
	if errors.Is(err, errStalled) {
		return errStalled // without the deadline it wraps, which means that nobody is there
	}
	return tmates.E(tmates.Invalid, "form_broken", err, "There was an error parsing the body")
}

// file finds the field "file".
func (f *form) file() (*filePart, error) {
	var k checker
	loc := []any{"body", "file"}
	for {
		part, err := f.next()
		if errors.Is(err, io.EOF) {
			k.missing(loc, nil)
			return nil, k.err()
		}
		if err != nil {
			return nil, err
		}
		if part.FormName() != "file" {
			continue
		}
		_, params, err := mime.ParseMediaType(part.Header.Get(echo.HeaderContentDisposition))
		name, named := params["filename"]
		if err != nil || !named {
			k.value(loc, nil, "a file is expected, not text")
			return nil, k.err()
		}
		return &filePart{form: f, part: part, name: name}, nil
	}
}

// rest reads to the end of the body. More than one file would be lost without a
// word.
func (f *form) rest() error {
	for {
		part, err := f.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if part.FormName() == "file" {
			var k checker
			k.value([]any{"body", "file"}, nil, "one file is expected, not several")
			return k.err()
		}
	}
	f.body.left = maxField
	if _, err := io.Copy(io.Discard, f.body); err != nil {
		return broken(err)
	}
	f.body.done()
	return nil
}

// drain reads on after a refusal, at most that many bytes: many clients look for
// the answer only when they have sent everything. The deadline of a body that is
// not at its end stays, because the server looks for the end, too.
func (f *form) drain(most int64) {
	f.body.left = most
	if _, err := io.Copy(io.Discard, f.body); err == nil {
		f.body.done()
	}
}

// filePart is the content of the file. It ends when the whole form was read and
// is complete.
type filePart struct {
	form *form
	part *multipart.Part
	name string // what the sender calls it; anything
	end  error
}

// Read implements [io.Reader].
func (p *filePart) Read(b []byte) (n int, err error) {
	if p.end != nil {
		return 0, p.end
	}
	n, err = p.part.Read(b)
	switch {
	case errors.Is(err, io.EOF):
		if p.end = p.form.rest(); p.end == nil {
			p.end = io.EOF
		}
	case err != nil:
		p.end = broken(err)
	}
	return n, p.end
}

// meter reads a body that has to move, and no more than left.
type meter struct {
	r     io.Reader
	left  int64
	read  int64
	began time.Time
	until func(time.Time) error // sets the deadline of reading
	end   error                 // once reading has failed
}

// Read implements [io.Reader].
func (m *meter) Read(b []byte) (int, error) {
	switch {
	case m.end != nil:
		return 0, m.end
	case m.left <= 0:
		return 0, errFormLong
	}
	_ = m.until(moveUntil(m.began, time.Now(), m.read)) // recorders of tests know none
	n, err := m.r.Read(b[:min(int64(len(b)), m.left)])
	m.left -= int64(n)
	m.read += int64(n)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = errStalled
	}
	m.end = err
	return n, err
}

// done takes the deadline away: past the body it would end the request.
func (m *meter) done() { _ = m.until(time.Time{}) }
