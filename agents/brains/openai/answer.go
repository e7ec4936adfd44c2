package openai

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	oai "github.com/sashabaranov/go-openai"

	"github.com/tmates/tmates/agents/brains/wire"
)

// chunk is what we read of one chunk of a stream. The client's own type is not
// used: it fails on the odd shapes of fields nobody needs, and some of the shapes
// below are odd too.
type chunk struct {
	Model   string          `json:"model"`
	Error   json.RawMessage `json:"error"`
	Usage   json.RawMessage `json:"usage"`
	Choices []choice        `json:"choices"`
}

type choice struct {
	Index  int    `json:"index"`
	Finish string `json:"finish_reason"`
	Delta  struct {
		Content   text       `json:"content"`
		Refusal   text       `json:"refusal"`
		ToolCalls []fragment `json:"tool_calls"`
	} `json:"delta"`
}

// text is a string, or a list of typed parts of which those of type "text" are
// meant for the reader (Mistral's reasoning models).
type text string

// UnmarshalJSON reads either shape.
func (t *text) UnmarshalJSON(raw []byte) error {
	if raw[0] != '[' {
		return json.Unmarshal(raw, (*string)(t))
	}
	var parts []struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	if err := json.Unmarshal(raw, &parts); err != nil {
		return err
	}
	for _, p := range parts {
		if p.Type == "text" {
			*t += text(p.Text)
		}
	}
	return nil
}

// fragment is a piece of a tool call.
type fragment struct {
	Index    *int   `json:"index"`
	ID       string `json:"id"`
	Function struct {
		Name      string    `json:"name"`
		Arguments arguments `json:"arguments"`
	} `json:"function"`
}

// arguments is JSON inside a string, or, with some servers, the JSON itself.
type arguments string

// UnmarshalJSON reads either shape.
func (a *arguments) UnmarshalJSON(raw []byte) error {
	if raw[0] == '{' || raw[0] == '[' {
		*a = arguments(raw)
		return nil
	}
	return json.Unmarshal(raw, (*string)(a))
}

// ends translates the reasons to finish. A reason that is not listed is as good
// as "stop".
var ends = map[string]wire.End{
	"":               0,
	"null":           0, // a text with some servers
	"length":         wire.CutShort,
	"content_filter": wire.Withheld,
	"error":          wire.GivenUp,
}

// reader returns what reads a stream chunk by chunk.
func reader(stream *oai.ChatCompletionStream) wire.Step {
	return func(a *wire.Answer) (string, error) {
		raw, err := stream.RecvRaw()
		if err != nil {
			return "", err
		}
		return add(a, raw)
	}
}

// add takes one chunk and returns the text in it.
func add(a *wire.Answer, raw []byte) (string, error) {
	var c chunk
	if err := json.Unmarshal(raw, &c); err != nil {
		return "", fmt.Errorf("decode stream chunk: %w", err)
	}
	if wire.Present(c.Error) {
		return "", wire.Reported(c.Error)
	}
	a.Model = wire.ModelName(c.Model, a.Model)
	count(a, c.Usage)
	var said strings.Builder
	for _, ch := range c.Choices {
		if ch.Index != 0 { // we ask for one
			continue
		}
		said.WriteString(string(ch.Delta.Content + ch.Delta.Refusal))
		for _, f := range ch.Delta.ToolCalls {
			if err := a.Call(wire.Fragment{Index: f.Index, ID: f.ID, Name: f.Function.Name, Args: string(f.Function.Arguments)}); err != nil {
				return "", err
			}
		}
		end, listed := ends[ch.Finish]
		if !listed {
			end = wire.Complete
		}
		a.End = cmp.Or(end, a.End)
	}
	return said.String(), nil
}

// count keeps the latest token counts: servers that send them with every chunk
// send running totals. Counts nobody can read are no reason to lose an answer.
func count(a *wire.Answer, raw json.RawMessage) {
	var u *struct {
		Prompt     int64 `json:"prompt_tokens"`
		Completion int64 `json:"completion_tokens"`
	}
	if json.Unmarshal(raw, &u) != nil || u == nil {
		return
	}
	a.Prompt, a.Completion = u.Prompt, u.Completion
}
