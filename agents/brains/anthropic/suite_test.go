package anthropic_test

import (
	"encoding/json"
	"testing"

	"go.uber.org/goleak"

	"github.com/tmates/tmates/agents/brains/anthropic"
	"github.com/tmates/tmates/agents/brains/wire"
	"github.com/tmates/tmates/agents/brains/wire/wiretest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func subject() wiretest.Subject {
	return wiretest.Subject{
		New:    func(o wire.Options) (wiretest.Brain, error) { return anthropic.New(o) },
		Path:   "/v1/messages",
		Header: "X-Api-Key", Prefix: "",
		Word: func(text string) string {
			raw, _ := json.Marshal(text)
			return event(`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":` + string(raw) + `}}`)
		},
		End: event(`{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}`) + event(`{"type":"message_stop"}`),
		Calls: event(`{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","name":"f","input":{}}}`) +
			event(`{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"x\":1}"}}`) +
			event(`{"type":"content_block_stop","index":0}`) +
			event(`{"type":"message_delta","delta":{"stop_reason":"tool_use"}}`) + event(`{"type":"message_stop"}`),
		Error: func(words string) string {
			return "event: error\n" + event(`{"type":"error","error":{"type":"api_error","message":"`+words+`"}}`)
		},
		Junk:       event(`{"type":"content_bl`),
		Models:     `{"data":[{"type":"model","id":"b","display_name":"B"},{"id":"a"}],"has_more":false}`,
		ModelsPath: "/v1/models?limit=1000",
	}
}

func event(data string) string { return "data: " + data + "\n\n" }

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
	for _, seed := range []string{s.Hi(), s.Calls, s.Error(wiretest.Key), s.Word("<think>x") + s.End, "event: error\ndata: \"\"\n", `data: {"type":"message_stop"}`, "null", "{}", "[]", "<", "\n", ""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) { wiretest.FuzzStream(t, s, body) })
}
