package modelserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/tmates/tmates/agents/brains/openai/modelserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const ask = `{"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"one two"}]}`

// post sends a completion request and returns status, headers and body.
func post(t *testing.T, s *modelserver.Server, body string) (int, http.Header, string, error) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Post(s.URL+"/v1/chat/completions", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatalf("post: %v", err)
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, string(out), err
}

// stream is what a simple client understands of a stream.
type stream struct {
	Text   string
	Finish string
	Usage  int
	Done   bool
}

func parse(t *testing.T, body string) stream {
	t.Helper()
	var out stream
	for event := range strings.SplitSeq(strings.TrimSuffix(body, "\n\n"), "\n\n") {
		data, ok := strings.CutPrefix(event, "data: ")
		if !ok {
			t.Fatalf("event %q has no data", event)
		}
		if data == "[DONE]" {
			out.Done = true
			continue
		}
		var c struct {
			Choices []struct {
				Delta  struct{ Content string }
				Finish string `json:"finish_reason"`
			}
			Usage struct {
				Total int `json:"total_tokens"`
			}
		}
		if err := json.Unmarshal([]byte(data), &c); err != nil {
			t.Fatalf("event %q: %v", data, err)
		}
		out.Usage += c.Usage.Total
		for _, ch := range c.Choices {
			out.Text += ch.Delta.Content
			out.Finish += ch.Finish
		}
	}
	return out
}

func TestReplies(t *testing.T) {
	t.Parallel()
	s := modelserver.New(t)
	s.Reply(modelserver.Text("a reply: grüße 🦊"))
	s.SetChunk(1)

	for _, want := range []stream{
		{Text: "a reply: grüße 🦊", Finish: "stop", Usage: 6, Done: true},
		{Text: "You said: one two", Finish: "stop", Usage: 6, Done: true},
	} {
		status, header, body, err := post(t, s, ask)
		if status != 200 || header.Get("Content-Type") != "text/event-stream" || err != nil {
			t.Fatalf("status %d, content type %q, error %v", status, header.Get("Content-Type"), err)
		}
		if diff := cmp.Diff(want, parse(t, body)); diff != "" {
			t.Errorf("stream (-want +got):\n%s", diff)
		}
	}

	s.Otherwise(func(r modelserver.Request) modelserver.Reply {
		return modelserver.Text(fmt.Sprintf("%d requests, %s", len(s.Requests()), r.LastUser()))
	})
	_, _, body, _ := post(t, s, ask)
	if got := parse(t, body).Text; got != "3 requests, one two" {
		t.Errorf("otherwise said %q", got)
	}
}

func TestBrokenReplies(t *testing.T) {
	t.Parallel()
	s := modelserver.New(t)

	s.Reply(modelserver.Status(429, 1500*time.Millisecond))
	status, header, _, _ := post(t, s, ask)
	if status != 429 || header.Get("Retry-After") != "2" {
		t.Errorf("status %d, Retry-After %q", status, header.Get("Retry-After"))
	}

	s.Reply(modelserver.Cut("half an"))
	status, _, body, err := post(t, s, ask)
	if status != 200 || !errors.Is(err, io.ErrUnexpectedEOF) || !strings.HasSuffix(body, `data: {"choices":[{"del`) {
		t.Errorf("cut: status %d, error %v, body %q", status, err, body)
	}

	s.Reply(modelserver.Raw("data: x"))
	if _, _, body, err := post(t, s, ask); body != "data: x" || err != nil {
		t.Errorf("raw: body %q, error %v", body, err)
	}
}

func TestProtocolIsChecked(t *testing.T) {
	t.Parallel()
	const call = `{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}`
	cases := map[string]struct {
		messages string
		want     int
	}{
		"user":               {`{"role":"user","content":"x"}`, 200},
		"call and result":    {call + `,{"role":"tool","tool_call_id":"a","content":"r"}`, 200},
		"nothing":            {``, 400},
		"no content":         {`{"role":"user"}`, 400},
		"unknown role":       {`{"role":"robot","content":"x"}`, 400},
		"result of nothing":  {`{"role":"tool","tool_call_id":"a","content":"r"}`, 400},
		"result twice":       {call + strings.Repeat(`,{"role":"tool","tool_call_id":"a","content":"r"}`, 2), 400},
		"call at the end":    {call, 400},
		"call, then user":    {call + `,{"role":"user","content":"x"}`, 400},
		"call without an id": {strings.Replace(call, `"id":"a",`, "", 1), 400},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := modelserver.New(t)
			status, _, body, _ := post(t, s, `{"model":"m","stream":true,"messages":[`+c.messages+`]}`)
			if status != c.want {
				t.Errorf("status %d, want %d: %s", status, c.want, body)
			}
		})
	}
}

func TestPicturesAreRead(t *testing.T) {
	t.Parallel()
	s := modelserver.New(t)
	status, _, body, _ := post(t, s, `{"model":"m","stream":true,"messages":[{"role":"user","content":[
		{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,cA=="}}]}]}`)
	m := s.Requests()[0].Messages[0]
	want := modelserver.Message{Role: "user", Content: "look", Images: []string{"data:image/png;base64,cA=="}}
	if diff := cmp.Diff(want, m); status != 200 || diff != "" {
		t.Errorf("status %d: %s (-want +got):\n%s", status, body, diff)
	}
}

func TestKeyAndModels(t *testing.T) {
	t.Parallel()
	s := modelserver.New(t)
	s.RequireKey("k1")
	s.Reply(modelserver.Text("kept for an honest request"))
	if status, _, _, _ := post(t, s, ask); status != 401 {
		t.Errorf("without a key: status %d", status)
	}
	for path, want := range map[string]string{
		"/v1/models":           `"id":"test-model"`,
		"/v1/chat/completions": "honest",
	} {
		method, body := http.MethodGet, ""
		if want == "honest" {
			method, body = http.MethodPost, ask
		}
		req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer k1")
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		out, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != 200 || !bytes.Contains(out, []byte(want)) {
			t.Errorf("%s: status %d, error %v, body %s", path, resp.StatusCode, err, out)
		}
	}
	if got := len(s.Requests()); got != 2 {
		t.Errorf("%d completion requests were recorded, want 2", got)
	}
}

func TestHangEndsWithTheClient(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]modelserver.Reply{
		"hang":  modelserver.Hang(),
		"stall": modelserver.Stall("a word"),
		"after": modelserver.After(nil, modelserver.Text("never")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := modelserver.New(t)
			s.Reply(reply)
			ctx, cancel := context.WithCancel(t.Context())
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/v1/chat/completions", strings.NewReader(ask))
			if err != nil {
				t.Fatal(err)
			}
			done := make(chan error)
			go func() {
				client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
				resp, err := client.Do(req)
				if err == nil {
					_, err = io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
				done <- err
			}()
			if err := s.WaitRequests(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("the client got %v", err)
			}
			if err := s.WaitGone(t.Context(), 1); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWaitEnds(t *testing.T) {
	t.Parallel()
	s := modelserver.New(t)
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if err := s.WaitRequests(ctx, 1); !errors.Is(err, why) {
		t.Errorf("got %v", err)
	}
}
