package openai

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"net/http"

	oai "github.com/sashabaranov/go-openai"
)

// maxErrorBody bounds how much of a refusal is read, in bytes.
const maxErrorBody = 64 << 10

// exchange is one Think: a request, its stream, and the connection below. It is
// the HTTP client of the go-openai client, which by itself would read error
// bodies without a limit and forget the headers of a refusal.
type exchange struct {
	b      *Brain
	parent context.Context // the caller's
	ctx    context.Context // ended by release and by the watch
	cancel context.CancelCauseFunc
	watch  *watch
	sent   bool    // a request left the client
	picky  bool    // the server complained about stream_options
	body   *events // of the stream; nil until the server accepts
}

func (b *Brain) exchange(parent context.Context) *exchange {
	x := &exchange{b: b, parent: parent}
	x.ctx, x.cancel = context.WithCancelCause(parent)
	x.watch = &watch{
		expire: func() { x.cancel(errSilent) },
		idle:   b.opt.IdleTimeout,
		limit:  b.opt.FirstTimeout,
	}
	return x
}

// release gives the connection back, or ends it when the answer was not read to
// its end. It may be called again.
func (x *exchange) release() {
	x.cancel(nil)
	if x.body != nil {
		_ = x.body.Close() // nothing was written, so there is nothing to lose
	}
}

// finish releases after a complete answer. The last bytes of the body are read
// first: a connection read to its end can carry the next request.
func (x *exchange) finish() {
	x.watch.hurry(drainGrace)
	_, _ = io.CopyN(io.Discard, x.body.in, 4<<10) // how it ends changes nothing
	x.release()
}

// texts sends the request and yields the text of the answer, filling a. It ends
// without an error once a finish_reason came, however the stream ends after it.
func (x *exchange) texts(r oai.ChatCompletionRequest, a *answer) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		stream, err := x.open(r)
		if err != nil {
			yield("", err)
			return
		}
		for x.parent.Err() == nil {
			said, err := step(stream, a)
			_, reported := errors.AsType[*frameError](err)
			switch {
			case err != nil && a.finish != "" && !reported && x.parent.Err() == nil:
				return
			case err != nil:
				yield("", err)
				return
			case said != "" && !yield(said, nil):
				return
			}
			if a.finish != "" {
				x.watch.hurry(usageGrace)
			}
		}
		yield("", x.parent.Err())
	}
}

// step reads one chunk.
func step(stream *oai.ChatCompletionStream, a *answer) (string, error) {
	raw, err := stream.RecvRaw()
	if errors.Is(err, io.EOF) {
		return "", errNoFinish // which matters only if none has come
	}
	if err != nil {
		return "", err
	}
	return a.add(raw)
}

// open sends the request, a second time without stream_options when the server
// objects to them. If that helps, the brain does not ask for them again.
func (x *exchange) open(r oai.ChatCompletionRequest) (*oai.ChatCompletionStream, error) {
	if err := x.parent.Err(); err != nil {
		return nil, err
	}
	config := x.b.config
	config.HTTPClient = x
	client := oai.NewClientWithConfig(config)
	stream, err := client.CreateChatCompletionStream(x.ctx, r)
	if err != nil && x.picky && r.StreamOptions != nil {
		r.StreamOptions = nil
		stream, err = client.CreateChatCompletionStream(x.ctx, r)
		if err == nil {
			x.b.noUsage.Store(true)
		}
	}
	return stream, err
}

// Do sends one request. What it returns without an error is a stream; a refusal
// of any kind is an error, already classified.
func (x *exchange) Do(req *http.Request) (*http.Response, error) {
	x.sent = true
	x.watch.begin()
	resp, err := x.b.client.Do(req)
	x.watch.end()
	if err != nil {
		return nil, err
	}
	body := newEvents(resp.Body, x.watch)
	if accepted(resp.StatusCode) && !isDocument(body) {
		x.body = body
		resp.Body = body
		return resp, nil
	}
	defer func() { _ = body.Close() }()
	// A refusal that breaks off is still a refusal: its status says enough.
	text, _ := io.ReadAll(io.LimitReader(body.in, maxErrorBody))
	if accepted(resp.StatusCode) {
		return nil, x.b.unstreamed(text)
	}
	x.picky = (resp.StatusCode == http.StatusBadRequest || resp.StatusCode == http.StatusUnprocessableEntity) &&
		bytes.Contains(text, []byte("stream_options"))
	return nil, x.b.refusal(resp.StatusCode, resp.Header, text)
}

func accepted(status int) bool { return status >= 200 && status <= 299 }

// isDocument reports whether a body is JSON or a web page in place of a stream.
// Its first byte tells; the content type of a stream is too often wrong.
func isDocument(body *events) bool {
	first, err := body.in.Peek(1)
	return err == nil && bytes.ContainsAny(first, "{[<")
}
