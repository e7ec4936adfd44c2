package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
)

// maxErrorBody bounds how much of a refusal is read, in bytes.
const maxErrorBody = 64 << 10

// Exchange is one request, its answer, and the connection below. Only one
// goroutine may use it.
type Exchange struct {
	c         *Client
	model     string          // that is asked; empty when a list is wanted
	parent    context.Context // the caller's
	ctx       context.Context // ended by release and by the watch
	cancel    context.CancelCauseFunc
	watch     *watch
	sent      bool   // a request left the client
	objection []byte // body of the last refusal, if it may be about a single field
	body      *Lines // of the stream; nil until the server accepts
}

func (c *Client) exchange(parent context.Context, model string) *Exchange {
	x := &Exchange{c: c, parent: parent, model: model}
	x.ctx, x.cancel = context.WithCancelCause(parent)
	x.watch = &watch{
		expire: func() { x.cancel(errSilent) },
		idle:   c.Options.IdleTimeout,
		limit:  c.Options.FirstTimeout,
	}
	return x
}

// Context ends with the exchange, or when the server is silent for too long.
func (x *Exchange) Context() context.Context { return x.ctx }

// release gives the connection back, or ends it when the answer was not read to
// its end. It may be called again.
func (x *Exchange) release() {
	x.cancel(nil)
	if x.body != nil {
		_ = x.body.Close() // nothing was written, so there is nothing to lose
	}
}

// finish releases after a complete answer. The last bytes of the body are read
// first: a connection read to its end can carry the next request.
func (x *Exchange) finish() {
	x.watch.hurry(drainGrace)
	_, _ = io.CopyN(io.Discard, x.body.in, 4<<10) // how it ends changes nothing
	x.release()
}

// Ask calls send, and again for each of the optional fields that the server
// refuses by name, without it. optional lists fields that are in the request. What was left out of a request that was accepted is
// not sent to that model again until the brain is made anew.
func (x *Exchange) Ask(optional []string, send func(without map[string]bool) error) error {
	without := x.c.known(x.model, optional)
	for {
		x.objection = nil
		err := send(maps.Clone(without))
		if err == nil {
			for field := range without {
				x.c.refused.Store(wish{x.model, field}, true)
			}
			return nil
		}
		field := x.refusedField(optional, without)
		if field == "" || x.parent.Err() != nil {
			return err
		}
		without[field] = true
	}
}

// refusedField returns the field that the last refusal names.
func (x *Exchange) refusedField(optional []string, without map[string]bool) string {
	for _, field := range optional {
		if !without[field] && bytes.Contains(x.objection, []byte(field)) {
			return field
		}
	}
	return ""
}

// Post sends body as JSON and returns the lines of the stream that answers it,
// like Send.
func (x *Exchange) Post(url string, body any) (*Lines, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	req, err := http.NewRequestWithContext(x.ctx, http.MethodPost, url, bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	x.c.dress(req.Header)
	return x.Send(req)
}

// Send sends one request. What it returns without an error is a stream; a refusal
// of any kind is an error, already classified.
func (x *Exchange) Send(req *http.Request) (*Lines, error) {
	r, err := x.do(req)
	if err != nil {
		return nil, err
	}
	// The first byte tells; the content type of a stream is too often wrong.
	stranger := accepted(r.status) && r.lines.startsWith(x.c.dialect.Stranger)
	if accepted(r.status) && !stranger {
		x.body = r.lines
		return r.lines, nil
	}
	defer func() { _ = r.lines.Close() }()
	if !stranger {
		return nil, x.refuse(r)
	}
	text, _ := io.ReadAll(io.LimitReader(r.lines.in, maxErrorBody)) // its beginning is enough
	return nil, x.unstreamed(text)
}

// reply is what came back for a request.
type reply struct {
	status int
	header http.Header
	lines  *Lines // the body; to be closed
}

func (x *Exchange) do(req *http.Request) (reply, error) {
	x.sent = true
	x.watch.begin()
	resp, err := x.c.http.Do(req)
	x.watch.end()
	if err != nil {
		return reply{}, err
	}
	return reply{resp.StatusCode, resp.Header, newLines(resp.Body, x.watch)}, nil
}

// refuse reads and classifies an answer that is not a success. One that breaks
// off is still a refusal: its status says enough.
func (x *Exchange) refuse(r reply) error {
	text, _ := io.ReadAll(io.LimitReader(r.lines.in, maxErrorBody))
	if r.status == http.StatusBadRequest || r.status == http.StatusUnprocessableEntity {
		x.objection = text
	}
	return x.refusal(r.status, r.header, text)
}

func accepted(status int) bool { return status >= 200 && status <= 299 }
