package anthropic

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"

	"github.com/tmates/tmates/agents/brains/wire"
)

// event is what we read of one event of a stream. Its type is repeated in the
// payload, so the event field is not needed.
type event struct {
	Type    string          `json:"type"`
	Index   int             `json:"index"`
	Error   json.RawMessage `json:"error"`
	Message struct {
		Model string `json:"model"`
		Usage usage  `json:"usage"`
	} `json:"message"`
	Block struct {
		Type  string          `json:"type"`
		Text  string          `json:"text"`
		ID    string          `json:"id"`
		Name  string          `json:"name"`
		Input json.RawMessage `json:"input"`
	} `json:"content_block"`
	Delta struct {
		Type       string `json:"type"`
		Text       string `json:"text"`
		JSON       string `json:"partial_json"`
		StopReason string `json:"stop_reason"`
	} `json:"delta"`
	Usage usage `json:"usage"`
}

// usage holds running totals.
type usage struct {
	Input      int64 `json:"input_tokens"`
	CacheWrite int64 `json:"cache_creation_input_tokens"`
	CacheRead  int64 `json:"cache_read_input_tokens"`
	Output     int64 `json:"output_tokens"`
}

// ends translates the reasons to stop. A reason that is not listed is as good as
// "end_turn".
var ends = map[string]wire.End{
	"":                              0,
	"max_tokens":                    wire.CutShort,
	"model_context_window_exceeded": wire.Full,
	"refusal":                       wire.Withheld,
}

// stream reads one answer.
type stream struct {
	events *wire.Events
	input  string // of the present call, as its block began
	parts  bool   // of it came
}

// step takes one event and returns the text in it.
func (s *stream) step(a *wire.Answer) (string, error) {
	raw, err := s.events.Next()
	if err != nil {
		return "", err
	}
	var e event
	if err := json.Unmarshal(raw, &e); err != nil {
		return "", fmt.Errorf("decode stream event: %w", err)
	}
	if wire.Present(e.Error) || e.Type == "error" {
		return "", wire.Reported(raw)
	}
	switch e.Type {
	case "message_start":
		a.Model = wire.ModelName(e.Message.Model, a.Model)
		count(a, e.Message.Usage)
	case "content_block_start":
		return s.start(a, e)
	case "content_block_delta":
		return s.delta(a, e)
	case "content_block_stop":
		return "", s.stop(a, e)
	case "message_delta":
		count(a, e.Usage)
		end, listed := ends[e.Delta.StopReason]
		if !listed {
			end = wire.Complete
		}
		a.End = cmp.Or(end, a.End)
	case "message_stop":
		return "", io.EOF
	}
	return "", nil
}

// start begins a block. Reasoning, and whatever else is neither text nor a call,
// is passed over.
func (s *stream) start(a *wire.Answer, e event) (string, error) {
	s.input, s.parts = "", false
	switch e.Block.Type {
	case "text":
		return e.Block.Text, nil
	case "tool_use":
		s.input = string(e.Block.Input)
		return "", a.Call(wire.Fragment{Index: &e.Index, ID: e.Block.ID, Name: e.Block.Name})
	}
	return "", nil
}

func (s *stream) delta(a *wire.Answer, e event) (string, error) {
	switch e.Delta.Type {
	case "text_delta":
		return e.Delta.Text, nil
	case "input_json_delta":
		if e.Delta.JSON == "" {
			return "", nil
		}
		s.parts = true
		return "", a.Call(wire.Fragment{Index: &e.Index, Args: e.Delta.JSON})
	}
	return "", nil
}

// stop ends a block. Gateways may send the arguments of a call whole, where it
// begins.
func (s *stream) stop(a *wire.Answer, e event) error {
	if s.parts || s.input == "" || s.input == "{}" {
		return nil
	}
	input := s.input
	s.input = ""
	return a.Call(wire.Fragment{Index: &e.Index, Args: input})
}

// count keeps the latest totals. The last event need not repeat what the first
// one said of the prompt.
func count(a *wire.Answer, u usage) {
	a.Prompt = max(a.Prompt, u.Input+u.CacheWrite+u.CacheRead)
	a.Completion = max(a.Completion, u.Output)
}
