package anthropic

import (
	"cmp"
	"encoding/json"
	"regexp"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/wire"
)

// Roles of messages.
const (
	roleUser      = "user"
	roleAssistant = "assistant"
)

// Words for a side that has to speak and did not.
const (
	opening = "(The conversation begins.)"
	goOn    = "(Go on.)"
)

// request is the body of POST /v1/messages.
type request struct {
	Model       string    `json:"model"`
	MaxTokens   int       `json:"max_tokens"`
	System      string    `json:"system"`
	Messages    []message `json:"messages"`
	Tools       []tool    `json:"tools,omitempty"`
	Temperature *float64  `json:"temperature,omitempty"`
	Output      *output   `json:"output_config,omitempty"`
	Stream      bool      `json:"stream"`
}

type output struct {
	Effort string `json:"effort"`
}

type message struct {
	Role    string  `json:"role"`
	Content []block `json:"content"`
}

// block is one piece of a message; its type says which fields count.
type block struct {
	Type      string          `json:"type"` // "text", "image", "tool_use" or "tool_result"
	Text      string          `json:"text,omitempty"`
	Source    *source         `json:"source,omitempty"`
	ID        string          `json:"id,omitempty"`
	Name      string          `json:"name,omitempty"`
	Input     json.RawMessage `json:"input,omitempty"`
	ToolUseID string          `json:"tool_use_id,omitempty"`
	Content   string          `json:"content,omitempty"`
}

type source struct {
	Type      string `json:"type"` // "base64"
	MediaType string `json:"media_type"`
	Data      []byte `json:"data"` // base64 on the wire
}

type tool struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Schema      json.RawMessage `json:"input_schema"`
}

// request builds the one request that asks for the next step of a turn.
func (b *Brain) request(t agents.Turn, without map[string]bool) request {
	a := b.Options.Asking(t)
	p := wire.NewPrompt(t)
	r := request{
		Model:     a.Model,
		MaxTokens: cmp.Or(a.MaxOutputTokens, DefaultMaxOutputTokens),
		System:    p.System,
		Messages:  messages(p.Messages),
		Stream:    true,
	}
	for _, t := range t.Tools {
		r.Tools = append(r.Tools, tool{t.Name, t.Description, wire.Schema(t)})
	}
	if a.Temperature != nil && !without["temperature"] {
		cool := min(*a.Temperature, 1)
		r.Temperature = &cool
	}
	if a.Effort != "" && !without["output_config"] {
		r.Output = &output{a.Effort}
	}
	return r
}

// optional returns the fields of a request that a model may refuse by name.
func optional(a agents.Asking) (out []string) {
	if a.Effort != "" {
		out = append(out, "output_config")
	}
	if a.Temperature != nil {
		out = append(out, "temperature")
	}
	return out
}

// messages makes the two sides alternate, the user first and last.
func messages(in []agents.Message) []message {
	var out []message
	for _, m := range in {
		role := roleUser
		if m.Author == agents.AuthorSelf {
			role = roleAssistant
		}
		if len(out) == 0 && role == roleAssistant {
			out = append(out, words(opening))
		}
		if len(out) == 0 || out[len(out)-1].Role != role {
			out = append(out, message{Role: role})
		}
		last := &out[len(out)-1]
		last.Content = append(last.Content, blocks(m)...)
	}
	if len(out) == 0 || out[len(out)-1].Role == roleAssistant {
		out = append(out, words(goOn))
	}
	return out
}

func words(text string) message {
	return message{Role: roleUser, Content: []block{{Type: "text", Text: text}}}
}

// blocks spells one message. Pictures come before the words about them, as the
// provider advises.
func blocks(m agents.Message) []block {
	if m.Author == agents.AuthorTool {
		return []block{{Type: "tool_result", ToolUseID: plainID(m.CallID), Content: m.Text}}
	}
	var out []block
	for _, i := range m.Images {
		out = append(out, block{Type: "image", Source: &source{"base64", i.MediaType, i.Data}})
	}
	if m.Text != "" {
		out = append(out, block{Type: "text", Text: m.Text})
	}
	for _, c := range m.Calls {
		out = append(out, block{Type: "tool_use", ID: plainID(c.ID), Name: c.Name, Input: wire.Object(string(c.Args))})
	}
	return out
}

// strange matches what an id must not hold here. Ids in a history may be those of
// another provider, who answered an earlier step.
var strange = regexp.MustCompile(`[^a-zA-Z0-9_-]`)

func plainID(id string) string { return strange.ReplaceAllString(id, "_") }
