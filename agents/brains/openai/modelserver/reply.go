package modelserver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Reply answers one request.
type Reply func(*writer)

// Text says text, word by word, and ends properly.
func Text(text string) Reply {
	return func(w *writer) {
		w.say(text)
		w.end("stop", len(strings.Fields(text)))
	}
}

// Call calls one tool. args is JSON; the id is "call_" and the name.
func Call(name, args string) Reply {
	return Calls(ToolCall{ID: "call_" + name, Function: Function{Name: name, Arguments: args}})
}

// Calls calls several tools at once, the arguments of each in fragments.
func Calls(calls ...ToolCall) Reply {
	return func(w *writer) {
		for i, c := range calls {
			w.delta(map[string]any{"tool_calls": []any{map[string]any{
				"index": i, "id": c.ID, "type": "function",
				"function": map[string]any{"name": c.Function.Name, "arguments": ""},
			}}}, "")
			for piece := range strings.SplitAfterSeq(c.Function.Arguments, ",") {
				w.delta(map[string]any{"tool_calls": []any{map[string]any{
					"index": i, "function": map[string]any{"arguments": piece},
				}}}, "")
			}
		}
		w.end("tool_calls", len(calls))
	}
}

// Status refuses with an HTTP status. retryAfter is sent in whole seconds when
// it is positive.
func Status(status int, retryAfter time.Duration) Reply {
	return func(w *writer) {
		if retryAfter > 0 {
			seconds := int((retryAfter + time.Second - 1) / time.Second)
			w.w.Header().Set("Retry-After", strconv.Itoa(seconds))
		}
		Body(status, "application/json",
			fmt.Sprintf(`{"error":{"message":%q,"type":"server_error","param":null,"code":null}}`, http.StatusText(status)))(w)
	}
}

// Body answers with a status, a content type and a body, and no stream.
func Body(status int, contentType, body string) Reply {
	return func(w *writer) {
		w.w.Header().Set("Content-Type", contentType)
		w.w.WriteHeader(status)
		w.complete = w.write(body)
	}
}

// Raw sends a stream as it is, with status 200.
func Raw(sse string) Reply {
	return func(w *writer) {
		w.start()
		w.complete = w.write(sse)
	}
}

// Hang sends nothing, not even headers, until the client goes away or the
// server is closed.
func Hang() Reply { return (*writer).hang }

// Stall says text, then falls silent like Hang.
func Stall(text string) Reply {
	return func(w *writer) {
		w.say(text)
		w.hang()
	}
}

// Cut says text, then cuts the connection in the middle of a line.
func Cut(afterText string) Reply {
	return func(w *writer) {
		w.say(afterText)
		w.write(`data: {"choices":[{"del`)
		panic(http.ErrAbortHandler)
	}
}

// After replies once the channel is closed or gives a value; before that it
// hangs.
func After(ready <-chan struct{}, then Reply) Reply {
	return func(w *writer) {
		select {
		case <-ready:
			then(w)
		case <-w.r.Context().Done():
		case <-w.closed:
		}
	}
}

// writer writes one reply.
type writer struct {
	w       http.ResponseWriter
	r       *http.Request
	closed  <-chan struct{}
	chunk   int
	request Request
	started bool
	// complete says that all of the reply was written.
	complete bool
}

func (w *writer) start() {
	if w.started {
		return
	}
	w.started = true
	w.w.Header().Set("Content-Type", "text/event-stream")
	w.w.WriteHeader(http.StatusOK)
}

// write sends s in small flushed pieces and reports whether the client took
// them all.
func (w *writer) write(s string) bool {
	flush := http.NewResponseController(w.w)
	for len(s) > 0 {
		n := min(w.chunk, len(s))
		if _, err := w.w.Write([]byte(s[:n])); err != nil || flush.Flush() != nil || w.r.Context().Err() != nil {
			return false
		}
		s = s[n:]
	}
	return true
}

func (w *writer) hang() {
	select {
	case <-w.r.Context().Done():
	case <-w.closed:
	}
}

func (w *writer) say(text string) {
	w.delta(map[string]any{"role": "assistant", "content": ""}, "")
	for word := range strings.SplitAfterSeq(text, " ") {
		w.delta(map[string]any{"content": word}, "")
	}
}

func (w *writer) delta(delta map[string]any, finish string) {
	choice := map[string]any{"index": 0, "delta": delta, "finish_reason": nil}
	if finish != "" {
		choice["finish_reason"] = finish
	}
	w.event(map[string]any{"choices": []any{choice}})
}

// end sends the finish reason, the counts if they were asked for, and the mark
// at the end. Counts of short texts are words, so that tests can foretell them.
func (w *writer) end(finish string, said int) {
	w.delta(map[string]any{}, finish)
	if w.request.StreamOptions.IncludeUsage {
		heard := w.request.tokens()
		w.event(map[string]any{"choices": []any{}, "usage": map[string]any{
			"prompt_tokens": heard, "completion_tokens": said, "total_tokens": heard + said,
		}})
	}
	w.complete = w.write("data: [DONE]\n\n")
}

func (w *writer) event(v map[string]any) {
	w.start()
	v["id"], v["object"], v["created"], v["model"] = "chatcmpl-test", "chat.completion.chunk", 0, w.request.Model
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // the values are our own
	}
	w.write("data: " + string(raw) + "\n\n")
}
