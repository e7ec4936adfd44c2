package openai

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/tmates/tmates/agents"
)

// Why a complete stream is still no answer.
var (
	errNoFinish = errors.New("the stream ended without a finish_reason")
	errNoName   = errors.New("a tool call has no name")
	errWithheld = errors.New("finish_reason is content_filter and nothing was said")
	errSpent    = errors.New("finish_reason is length and nothing was said")
)

// maxModelName is the longest model name taken from a server, in bytes.
const maxModelName = 200

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

// frameError is an error the provider reported inside a stream.
type frameError struct {
	raw json.RawMessage
}

// Error names the fact only; what the provider said needs cleaning first.
func (e *frameError) Error() string { return "the provider reported an error in the stream" }

// answer is what a stream has said so far.
type answer struct {
	finish     string
	said       bool
	model      string
	prompt     int64
	completion int64
	calls      calls
}

// add takes one chunk and returns the text in it.
func (a *answer) add(raw []byte) (string, error) {
	var c chunk
	if err := json.Unmarshal(raw, &c); err != nil {
		return "", fmt.Errorf("decode stream chunk: %w", err)
	}
	if present(c.Error) {
		return "", &frameError{raw: c.Error}
	}
	if len(c.Model) <= maxModelName {
		a.model = cmp.Or(c.Model, a.model)
	}
	a.count(c.Usage)
	var said strings.Builder
	for _, ch := range c.Choices {
		if ch.Index != 0 { // we ask for one
			continue
		}
		said.WriteString(string(ch.Delta.Content + ch.Delta.Refusal))
		for _, f := range ch.Delta.ToolCalls {
			if err := a.calls.add(f); err != nil {
				return "", err
			}
		}
		if ch.Finish != "null" { // a text with some servers
			a.finish = cmp.Or(ch.Finish, a.finish)
		}
	}
	a.said = a.said || said.Len() > 0
	return said.String(), nil
}

// count keeps the latest token counts: servers that send them with every chunk
// send running totals. Counts nobody can read are no reason to lose an answer.
func (a *answer) count(raw json.RawMessage) {
	var u *struct {
		Prompt     int64 `json:"prompt_tokens"`
		Completion int64 `json:"completion_tokens"`
	}
	if json.Unmarshal(raw, &u) != nil || u == nil {
		return
	}
	a.prompt, a.completion = max(0, u.Prompt), max(0, u.Completion)
}

// result returns the finished calls, or why this is no answer.
func (a *answer) result(history []agents.Message) ([]agents.Call, error) {
	switch {
	case a.finish == "" || a.finish == "error":
		return nil, errNoFinish
	case a.said || len(a.calls) > 0:
		return a.calls.finished(history)
	case a.finish == "content_filter":
		return nil, errWithheld
	case a.finish == "length":
		return nil, errSpent
	}
	return nil, nil
}

// usage returns what was consumed. Counts are zero when the provider did not say.
func (a *answer) usage(model string) *agents.Usage {
	return &agents.Usage{Model: cmp.Or(a.model, model), PromptTokens: a.prompt, CompletionTokens: a.completion}
}
