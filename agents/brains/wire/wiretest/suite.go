package wiretest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/wire"
)

// Run holds a dialect against the promises of package wire.
func Run(t *testing.T, s Subject) {
	for name, f := range map[string]func(*testing.T, Subject){
		"answer":      answer,
		"thoughts":    thoughts,
		"calls":       calls,
		"cancel":      cancel,
		"silence":     silence,
		"brokenness":  broken,
		"strangers":   strangers,
		"refusals":    refusals,
		"retry after": retryAfter,
		"secrets":     secrets,
		"redirects":   redirects,
		"nobody":      nobody,
		"reuse":       reuse,
		"models":      models,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t, s)
		})
	}
}

func answer(t *testing.T, s Subject) {
	server := NewServer(t, Stream(s.Hi(), 1))
	b := s.Brain(t, server.URL)
	got, err := Think(t, b, Question("x"))
	if err != nil || got.Text != "hi" || got.Usage.Model == "" {
		t.Fatalf("text %q, error %v", got.Text, err)
	}
	r := server.Requests()
	if len(r) != 1 || r[0].Method != http.MethodPost || r[0].Path != s.Path || r[0].Header.Get("Content-Type") != "application/json" {
		t.Errorf("requests %v", r)
	}
	if got := r[0].Header.Get(s.Header); got != s.Prefix+Key {
		t.Errorf("%s is %q", s.Header, got)
	}
	if fmt.Sprintf("%v %+v %#v", b, b, b) != strings.Repeat(b.String()+" ", 2)+b.String() || strings.Contains(b.String(), Key) {
		t.Errorf("printed: %#v", b)
	}
}

// thoughts proves that reasoning between tags is no text, wherever it is cut.
func thoughts(t *testing.T, s Subject) {
	const full = "<think>\nsecret </thi nk>\n</think>\n\nvisible<think>secret</think> end"
	for _, piece := range []int{1, 2, 3, 5, 100} {
		stream := ""
		for rest := full; rest != ""; {
			n := min(piece, len(rest))
			stream += s.Word(rest[:n])
			rest = rest[n:]
		}
		server := NewServer(t, Stream(stream+s.End, 1<<20))
		got, err := Think(t, s.Brain(t, server.URL), Question("x"))
		if err != nil || got.Text != "visible end" {
			t.Errorf("pieces of %d: text %q, error %v", piece, got.Text, err)
		}
	}
}

func calls(t *testing.T, s Subject) {
	server := NewServer(t, Stream(s.Calls, 7))
	open := &counting{RoundTripper: &http.Transport{DisableKeepAlives: true}}
	b := s.Brain(t, server.URL, func(o *wire.Options) { o.HTTPClient = &http.Client{Transport: open} })
	turn := Question("go")
	turn.Messages = append(turn.Messages,
		agents.Message{Author: agents.AuthorSelf, Calls: []agents.Call{{ID: "call_2", Name: "f"}}},
		agents.Message{Author: agents.AuthorTool, CallID: "call_2", Text: "ok"},
	)
	var got []agents.Call
	for p, err := range b.Think(t.Context(), turn) {
		if err != nil {
			t.Fatal(err)
		}
		if p.Calls != nil {
			if n := open.bodies.Load(); n != 0 {
				t.Errorf("%d connections are open while the calls are handed over", n)
			}
			got = p.Calls
		}
	}
	// One call came before, so the next number is 2; that one is taken.
	if len(got) != 1 || got[0].ID != "call_3" || got[0].Name != "f" || string(got[0].Args) != `{"x":1}` {
		t.Errorf("calls %+v", got)
	}
}

// errStopped is why the tests cancel.
var errStopped = errors.New("the user stopped it")

func cancel(t *testing.T, s Subject) {
	for name, body := range map[string]string{"before the headers": "", "in the middle": s.Word("hello")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var server *Server
			server = NewServer(t, func(w http.ResponseWriter, r *http.Request) { server.hang(w, r, body) })
			ctx, stop := context.WithCancelCause(t.Context())
			defer stop(nil)
			if body == "" {
				go func() {
					_ = server.WaitRequests(ctx, 1)
					stop(errStopped)
				}()
			}
			var last error
			for p, err := range s.Brain(t, server.URL).Think(ctx, Question("x")) {
				if p.Text != "" {
					stop(errStopped)
				}
				last = err
			}
			if e, ok := errors.AsType[*agents.ProviderError](last); ok || !errors.Is(last, errStopped) {
				t.Errorf("error %v (provider's: %v)", last, e)
			}
			if err := server.WaitGone(t.Context(), 1); err != nil {
				t.Errorf("the server still has the request: %v", err)
			}
		})
	}
	t.Run("by the consumer", func(t *testing.T) {
		t.Parallel()
		var server *Server
		server = NewServer(t, func(w http.ResponseWriter, r *http.Request) { server.hang(w, r, s.Word("hello")) })
		for range s.Brain(t, server.URL).Think(t.Context(), Question("x")) {
			break
		}
		if err := server.WaitGone(t.Context(), 1); err != nil {
			t.Errorf("the server still has the request: %v", err)
		}
	})
	t.Run("before it began", func(t *testing.T) {
		t.Parallel()
		server := NewServer(t, Stream(s.Hi(), 7))
		ctx, stop := context.WithCancelCause(t.Context())
		stop(errStopped)
		for _, err := range s.Brain(t, server.URL).Think(ctx, Question("x")) {
			if !errors.Is(err, errStopped) || len(server.Requests()) != 0 {
				t.Errorf("error %v, %d requests", err, len(server.Requests()))
			}
		}
	})
}

func silence(t *testing.T, s Subject) {
	for name, c := range map[string]struct{ body, text, want string }{
		"before the first data": {"", "", "was silent for too long (1s)"},
		"after it":              {s.Word("hello"), "hello", "was silent for too long (2s)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var server *Server
			server = NewServer(t, func(w http.ResponseWriter, r *http.Request) { server.hang(w, r, c.body) })
			b := s.Brain(t, server.URL, func(o *wire.Options) { o.FirstTimeout, o.IdleTimeout = time.Second, 2*time.Second })
			got, err := Think(t, b, Question("x"))
			if e := Provider(t, err); e.Status != 0 || !e.Temporary() || !strings.Contains(e.Msg, c.want) || got.Text != c.text {
				t.Errorf("text %q, error %v", got.Text, err)
			}
			if err := server.WaitGone(t.Context(), 1); err != nil {
				t.Error(err)
			}
		})
	}
}

// broken plays streams that are no answers.
func broken(t *testing.T, s Subject) {
	for name, c := range map[string]struct{ stream, want string }{
		"empty":            {"", "is not complete"},
		"no end":           {s.Word("hi"), "is not complete"},
		"malformed JSON":   {s.Word("hi") + s.Junk, "broke off: decode stream"},
		"line without end": {s.Word("hi") + s.Word(strings.Repeat("x", 1<<20)) + s.End, "a line without end"},
		"reported error":   {s.Word("hi") + s.Error("out of memory"), `it says "out of memory"`},
		"error at once":    {s.Error("out of memory"), `it says "out of memory"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := NewServer(t, Stream(c.stream, max(7, len(c.stream)/1000)))
			got, err := Think(t, s.Brain(t, server.URL), Question("x"))
			e := Provider(t, err)
			if !e.Temporary() || !strings.Contains(e.Error(), c.want) || got.Calls != nil || got.Text != "hi" && got.Text != "" {
				t.Errorf("temporary %v, text %q, error %v", e.Temporary(), got.Text, e)
			}
		})
	}
	t.Run("cut connection", func(t *testing.T) {
		t.Parallel()
		half := s.Word("hi") + s.Word("never")[:9]
		server := NewServer(t, func(w http.ResponseWriter, _ *http.Request) {
			write(w, half, 7)
			panic(http.ErrAbortHandler)
		})
		got, err := Think(t, s.Brain(t, server.URL), Question("x"))
		if e := Provider(t, err); e.Status != 0 || !e.Temporary() || !strings.Contains(e.Msg, "broke off") || got.Text != "hi" {
			t.Errorf("text %q, error %v", got.Text, err)
		}
	})
}

// strangers answer with a success that is no stream.
func strangers(t *testing.T, s Subject) {
	for name, c := range map[string]struct {
		contentType, body string
		ok                bool
		want              string
	}{
		"web page":                     {"text/html", "<html>log in</html>", false, "answered with a web page: check the base URL"},
		"a list":                       {"application/json", `[{"x":1}]`, false, "does not stream its answers"},
		"a stream under another name":  {"text/html; charset=utf-8", s.Hi(), true, ""},
		"a stream that is called JSON": {"application/json", s.Hi(), true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := NewServer(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", c.contentType)
				write(w, c.body, 1<<20)
			})
			got, err := Think(t, s.Brain(t, server.URL), Question("x"))
			if c.ok {
				if err != nil || got.Text != "hi" {
					t.Errorf("text %q, error %v", got.Text, err)
				}
				return
			}
			if e := Provider(t, err); !e.Fatal || !strings.Contains(e.Msg, c.want) {
				t.Errorf("error %v", e)
			}
		})
	}
}

// refusals are what follows from a status alone; the sentences of each dialect are
// its own business.
func refusals(t *testing.T, s Subject) {
	for status, temporary := range map[int]bool{
		304: false, 400: false, 401: false, 402: false, 403: false, 404: false, 405: false, 413: false, 422: false,
		408: true, 409: true, 425: true, 429: true, 500: true, 502: true, 503: true, 504: true, 529: true,
	} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			server := NewServer(t, Refuse(status, ""))
			got, err := Think(t, s.Brain(t, server.URL), Question("x"))
			e := Provider(t, err)
			if e.Status != status || e.Temporary() != temporary || got.Text != "" || e.Msg == "" {
				t.Errorf("status %d, temporary %v, %v", e.Status, e.Temporary(), e)
			}
			if tooLong := e.Fatal && e.Code == wire.CodeTooLong && strings.Contains(e.Msg, "too long for the model"); tooLong != (status == 413) {
				t.Errorf("fatal %v, code %q, %v", e.Fatal, e.Code, e)
			}
			if n := len(server.Requests()); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	}
}

func retryAfter(t *testing.T, s Subject) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "86400": 10 * time.Minute, "soon": 0, "-1": 0,
		"Sun, 22 Nov 2026 10:01:30 GMT": 90 * time.Second, "Sun, 22 Nov 2026 09:00:00 GMT": 0,
	} {
		server := NewServer(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", header)
			w.WriteHeader(http.StatusTooManyRequests)
		})
		_, err := Think(t, s.Brain(t, server.URL, func(o *wire.Options) { o.Now = func() time.Time { return now } }), Question("x"))
		if got := Provider(t, err).RetryAfter; got != want {
			t.Errorf("%q: got %s, want %s", header, got, want)
		}
	}
}

// secrets proves that no error repeats the key, whoever said it.
func secrets(t *testing.T, s Subject) {
	for name, words := range map[string]string{
		"whole": "the key " + Key + " is bad", "masked": "bad key sk-proj-****************i789", "cut": "bad key " + Key[:15],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := `{"error":{"message":"` + words + `","code":"` + Key + `","type":"` + Key + `"}}`
			answers := []http.HandlerFunc{Stream(s.Error(words), 1<<20), Stream(body, 1<<20)}
			for _, status := range []int{400, 401, 403, 404, 429, 500} {
				answers = append(answers, Refuse(status, body))
			}
			for i, answer := range answers {
				server := NewServer(t, answer)
				_, err := Think(t, s.Brain(t, server.URL), Question("x"))
				e := Provider(t, err)
				for _, part := range []string{Key[:9], Key[8:], Key[len(Key)-4:]} {
					if strings.Contains(e.Error()+e.Code, part) {
						t.Errorf("answer %d: %q is in %q, code %q", i, part, e, e.Code)
					}
				}
			}
		})
	}
}

func redirects(t *testing.T, s Subject) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		other := NewServer(t, Stream(s.Hi(), 7))
		server := NewServer(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+"/x?key="+r.Header.Get(s.Header), status)
		})
		_, err := Think(t, s.Brain(t, server.URL), Question("x"))
		e := Provider(t, err)
		if !e.Fatal || !strings.HasSuffix(e.Error(), "set the base URL to where it leads: redirected to "+other.URL) {
			t.Errorf("%d: fatal %v: %v", status, e.Fatal, e)
		}
		if n := len(other.Requests()); n != 0 {
			t.Errorf("%d: the other server was visited %d times", status, n)
		}
	}
}

func nobody(t *testing.T, s Subject) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	b := s.Brain(t, server.URL)
	_, err := Think(t, b, Question("x"))
	if e := Provider(t, err); e.Status != 0 || !e.Temporary() || !strings.Contains(e.Msg, " did not answer") {
		t.Errorf("error %v", e)
	}
	if s.Models == "" {
		return
	}
	if _, err := b.Models(t.Context()); !Provider(t, err).Temporary() {
		t.Errorf("error %v", err)
	}
}

func reuse(t *testing.T, s Subject) {
	server := NewServer(t, Stream(s.Hi(), 1<<20))
	b := s.Brain(t, server.URL)
	var fresh atomic.Int32
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) {
		if !i.Reused {
			fresh.Add(1)
		}
	}})
	for range 3 {
		for _, err := range b.Think(ctx, Question("x")) {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := fresh.Load(); n != 1 {
		t.Errorf("%d connections for 3 answers, want 1", n)
	}
}

func models(t *testing.T, s Subject) {
	if s.Models == "" {
		t.Skip("the service has no list")
	}
	server := NewServer(t, Stream(s.Models, 3))
	got, err := s.Brain(t, server.URL).Models(t.Context())
	if r := server.Requests()[0]; err != nil || !slices.Equal(got, []string{"a", "b"}) || r.Path != s.ModelsPath || r.Header.Get(s.Header) != s.Prefix+Key {
		t.Errorf("%v from %s, error %v", got, r.Path, err)
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"refused":    {Refuse(401, `{"error":"`+Key+`"}`), "refused the key"},
		"no list":    {Refuse(404, ""), "has no list of models"},
		"a web page": {Stream("<html>", 10), "something that is no list of models"},
		"no field":   {Stream("{}", 10), "something that is no list of models"},
		"too large":  {Stream(strings.Repeat(" ", 5<<20), 1<<20), "sent too much"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := NewServer(t, c.answer)
			got, err := s.Brain(t, server.URL).Models(t.Context())
			if e := Provider(t, err); got != nil || !strings.Contains(e.Error(), c.want) || strings.Contains(e.Error(), Key) {
				t.Errorf("%v, error %v", got, e)
			}
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		t.Parallel()
		var server *Server
		server = NewServer(t, func(w http.ResponseWriter, r *http.Request) { server.hang(w, r, "") })
		ctx, stop := context.WithCancelCause(t.Context())
		go func() {
			_ = server.WaitRequests(ctx, 1)
			stop(errStopped)
		}()
		if _, err := s.Brain(t, server.URL).Models(ctx); !errors.Is(err, errStopped) {
			t.Errorf("error %v", err)
		}
		if err := server.WaitGone(t.Context(), 1); err != nil {
			t.Error(err)
		}
	})
}
