package openai_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tmates/tmates/agents/brains/openai"
)

// beat is something a server sends after a pause.
type beat struct {
	pause time.Duration
	text  string
}

// paced is a transport whose server takes its time. It stands in for sockets,
// which have no place in virtual time.
func paced(headers time.Duration, beats []beat) *http.Client {
	return &http.Client{Transport: tripper(func(r *http.Request) (*http.Response, error) {
		select {
		case <-time.After(headers):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
		out, in := io.Pipe()
		context.AfterFunc(r.Context(), func() { in.CloseWithError(r.Context().Err()) })
		go func() {
			for _, b := range beats {
				select {
				case <-time.After(b.pause):
				case <-r.Context().Done():
					return
				}
				if _, err := io.WriteString(in, b.text); err != nil {
					return
				}
			}
			<-r.Context().Done() // silent, but still there
		}()
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: out, Request: r}, nil
	})}
}

func TestSilenceInVirtualTime(t *testing.T) {
	t.Parallel()
	const wait, word = ": wait\n\n", "data: " + hi + "\n\n"
	end := "data: " + stop + "\n\n"
	comments := func(n int, pause time.Duration) []beat { return pauses(n, pause, wait) }
	for name, c := range map[string]struct {
		headers time.Duration
		beats   []beat
		after   time.Duration // the whole Think
		text    string
		want    string // "": no error
	}{
		"slow first data":     {100 * time.Second, []beat{{100 * time.Second, word}, {50 * time.Second, end + "data: [DONE]\n\n"}}, 251 * time.Second, "hi", ""},
		"no headers":          {121 * time.Second, nil, 120 * time.Second, "", "(2m0s)"},
		"no first data":       {time.Second, nil, 121 * time.Second, "", "(2m0s)"},
		"silent after data":   {0, []beat{{time.Second, word}}, 61 * time.Second, "hi", "(1m0s)"},
		"comments are life":   {0, append(comments(8, 110*time.Second), beat{time.Second, word + end + "data: [DONE]\n\n"}), 882 * time.Second, "hi", ""},
		"but not for ever":    {0, comments(1000, 10*time.Second), 15 * time.Minute, "", "(2m0s)"},
		"reasoning is data":   {0, append(pauses(100, 50*time.Second, `data: {"choices":[{"delta":{"reasoning":"hm"}}]}`+"\n\n"), beat{0, word + end + "data: [DONE]\n\n"}), 5001 * time.Second, "hi", ""},
		"no end after finish": {0, []beat{{0, word + end}}, 10 * time.Second, "hi", ""},
		"no end after mark":   {0, []beat{{0, word + end + "data: [DONE]\n\n"}}, time.Second, "hi", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := brain(t, "http://model.example", func(o *openai.Options) { o.HTTPClient = paced(c.headers, c.beats) })
				begin := time.Now()
				got, err := think(t, b, question("x"))
				if d := time.Since(begin); d != c.after {
					t.Errorf("it took %s, want %s", d, c.after)
				}
				if got.Text != c.text || (err == nil) != (c.want == "") {
					t.Fatalf("text %q, error %v", got.Text, err)
				}
				if err != nil && !strings.Contains(provider(t, err).Msg, "was silent for too long "+c.want) {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}

func pauses(n int, pause time.Duration, text string) []beat {
	out := make([]beat, n)
	for i := range out {
		out[i] = beat{pause, text}
	}
	return out
}

func TestSlowConsumerIsNotSilence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := brain(t, "http://model.example", func(o *openai.Options) {
			o.HTTPClient = paced(0, []beat{{0, "data: " + hi + "\n\n"}, {0, "data: " + hi + "\n\n"}, {0, chunks(stop)}})
		})
		text := ""
		for p, err := range b.Think(t.Context(), question("x")) {
			if err != nil {
				t.Fatal(err)
			}
			text += p.Text
			<-time.After(time.Hour)
		}
		if text != "hihi" {
			t.Errorf("text %q", text)
		}
	})
}
