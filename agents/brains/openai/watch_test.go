package openai_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tmates/tmates/agents/brains/openai"
	"github.com/tmates/tmates/agents/brains/wire/wiretest"
)

func TestSilenceInVirtualTime(t *testing.T) {
	t.Parallel()
	const wait, word = ": wait\n\n", "data: " + hi + "\n\n"
	end := "data: " + stop + "\n\n"
	comments := func(n int, pause time.Duration) []wiretest.Beat { return pauses(n, pause, wait) }
	for name, c := range map[string]struct {
		headers time.Duration
		beats   []wiretest.Beat
		after   time.Duration // the whole Think
		text    string
		want    string // "": no error
	}{
		"slow first data":     {100 * time.Second, []wiretest.Beat{{Pause: 100 * time.Second, Text: word}, {Pause: 50 * time.Second, Text: end + "data: [DONE]\n\n"}}, 251 * time.Second, "hi", ""},
		"no headers":          {121 * time.Second, nil, 120 * time.Second, "", "(2m0s)"},
		"no first data":       {time.Second, nil, 121 * time.Second, "", "(2m0s)"},
		"silent after data":   {0, []wiretest.Beat{{Pause: time.Second, Text: word}}, 61 * time.Second, "hi", "(1m0s)"},
		"comments are life":   {0, append(comments(8, 110*time.Second), wiretest.Beat{Pause: time.Second, Text: word + end + "data: [DONE]\n\n"}), 882 * time.Second, "hi", ""},
		"but not for ever":    {0, comments(1000, 10*time.Second), 15 * time.Minute, "", "(2m0s)"},
		"reasoning is data":   {0, append(pauses(100, 50*time.Second, `data: {"choices":[{"delta":{"reasoning":"hm"}}]}`+"\n\n"), wiretest.Beat{Text: word + end + "data: [DONE]\n\n"}), 5001 * time.Second, "hi", ""},
		"no end after finish": {0, []wiretest.Beat{{Text: word + end}}, 10 * time.Second, "hi", ""},
		"no end after mark":   {0, []wiretest.Beat{{Text: word + end + "data: [DONE]\n\n"}}, time.Second, "hi", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := brain(t, "http://model.example", func(o *openai.Options) { o.HTTPClient = wiretest.Paced(c.headers, c.beats) })
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

func pauses(n int, pause time.Duration, text string) []wiretest.Beat {
	out := make([]wiretest.Beat, n)
	for i := range out {
		out[i] = wiretest.Beat{Pause: pause, Text: text}
	}
	return out
}

func TestSlowConsumerIsNotSilence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := brain(t, "http://model.example", func(o *openai.Options) {
			o.HTTPClient = wiretest.Paced(0, []wiretest.Beat{{Text: "data: " + hi + "\n\n"}, {Text: "data: " + hi + "\n\n"}, {Text: chunks(stop)}})
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
