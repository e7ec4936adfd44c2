package ollama_test

import (
	"encoding/json"
	"testing"

	"go.uber.org/goleak"

	"github.com/tmates/tmates/agents/brains/ollama"
	"github.com/tmates/tmates/agents/brains/wire"
	"github.com/tmates/tmates/agents/brains/wire/wiretest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func subject() wiretest.Subject {
	return wiretest.Subject{
		New:    func(o wire.Options) (wiretest.Brain, error) { return ollama.New(o) },
		Path:   "/api/chat",
		Header: "Authorization", Prefix: "Bearer ",
		Word: func(text string) string {
			raw, _ := json.Marshal(text)
			return `{"model":"m","message":{"role":"assistant","content":` + string(raw) + `},"done":false}` + "\n"
		},
		End: `{"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":5,"eval_count":2}` + "\n",
		Calls: `{"model":"m","message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":{"x":1}}}]},"done":false}` + "\n" +
			`{"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop"}` + "\n",
		Error:      func(words string) string { return `{"error":"` + words + `"}` + "\n" },
		Junk:       `{"message":{"con` + "\n",
		Models:     `{"models":[{"name":"b","model":"b","size":1},{"name":"a"},{"name":"b"}]}`,
		ModelsPath: "/api/tags",
	}
}

func TestWire(t *testing.T) {
	t.Parallel()
	wiretest.Run(t, subject())
}

func TestStreams(t *testing.T) {
	t.Parallel()
	wiretest.Streams(t, subject())
}

// FuzzStream sends any bytes as a stream: Think ends, with an error or with a usage
// part, calls always hold JSON objects, and nobody learns the key.
func FuzzStream(f *testing.F) {
	s := subject()
	for _, seed := range []string{s.Hi(), s.Calls, s.Error(wiretest.Key), s.Word("<think>x") + s.End, `{"done":true}`, "null", "{}", "[]", "<", "\n", ""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) { wiretest.FuzzStream(t, s, body) })
}
