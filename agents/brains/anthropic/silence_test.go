package anthropic_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tmates/tmates/agents/brains/wire"
	"github.com/tmates/tmates/agents/brains/wire/wiretest"
)

func TestPingsAreSignsOfLife(t *testing.T) {
	t.Parallel()
	s := subject()
	pings := func(n int) []wiretest.Beat {
		return slices.Repeat([]wiretest.Beat{{Pause: 50 * time.Second, Text: "event: ping\ndata: {\"type\": \"ping\"}\n\n"}}, n)
	}
	for name, c := range map[string]struct {
		beats []wiretest.Beat
		after time.Duration
		ok    bool
	}{
		"they keep an answer open": {append(pings(10), wiretest.Beat{Text: s.Hi()}), 501 * time.Second, true}, // and 1 s for the end of the body
		"but not for ever":         {pings(100), 15 * time.Minute, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := s.Brain(t, "http://model.example", func(o *wire.Options) { o.HTTPClient = wiretest.Paced(0, c.beats) })
				begin := time.Now()
				got, err := wiretest.Think(t, b, wiretest.Question("x"))
				if d := time.Since(begin); d != c.after || (err == nil) != c.ok || c.ok != (got.Text == "hi") {
					t.Errorf("text %q after %s, error %v", got.Text, d, err)
				}
				if !c.ok && !strings.Contains(wiretest.Provider(t, err).Msg, "was silent for too long") {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}
