package modelserver

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Request is a completion request as it came in.
type Request struct {
	Header              http.Header     `json:"-"`
	Body                json.RawMessage `json:"-"` // as sent
	Model               string          `json:"model"`
	Messages            []Message       `json:"messages"`
	Tools               []Tool          `json:"tools"`
	Stream              bool            `json:"stream"`
	StreamOptions       StreamOptions   `json:"stream_options"`
	Temperature         *float64        `json:"temperature"`
	MaxTokens           int             `json:"max_tokens"`
	MaxCompletionTokens int             `json:"max_completion_tokens"`
}

// StreamOptions are the request's wishes for the stream.
type StreamOptions struct {
	IncludeUsage bool `json:"include_usage"`
}

// Message is one entry of the conversation.
type Message struct {
	Role       string     `json:"role"` // "system", "user", "assistant" or "tool"
	Content    string     `json:"-"`    // the text of a content in parts, too
	Images     []string   `json:"-"`    // URLs of the pictures in it
	ToolCalls  []ToolCall `json:"tool_calls"`
	ToolCallID string     `json:"tool_call_id"`
}

// UnmarshalJSON reads a content that is a text or a list of parts.
func (m *Message) UnmarshalJSON(raw []byte) error {
	type plain Message // without this method
	var outer struct {
		*plain
		Content json.RawMessage `json:"content"`
	}
	outer.plain = (*plain)(m)
	if err := json.Unmarshal(raw, &outer); err != nil {
		return err
	}
	if len(outer.Content) == 0 || outer.Content[0] != '[' {
		return json.Unmarshal([]byte(cmp.Or(string(outer.Content), "null")), &m.Content)
	}
	var parts []struct {
		Type  string `json:"type"`
		Text  string `json:"text"`
		Image struct {
			URL string `json:"url"`
		} `json:"image_url"`
	}
	if err := json.Unmarshal(outer.Content, &parts); err != nil {
		return err
	}
	for _, p := range parts {
		m.Content += p.Text
		if p.Type == "image_url" {
			m.Images = append(m.Images, p.Image.URL)
		}
	}
	return nil
}

// ToolCall is a call the model made earlier.
type ToolCall struct {
	ID       string   `json:"id"`
	Type     string   `json:"type"`
	Function Function `json:"function"`
}

// Function names a tool and its arguments, which are JSON in a string.
type Function struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

// Tool is a tool the model may call.
type Tool struct {
	Type     string `json:"type"`
	Function struct {
		Name        string          `json:"name"`
		Description string          `json:"description"`
		Parameters  json.RawMessage `json:"parameters"`
	} `json:"function"`
}

// LastUser returns the content of the last message of the user.
func (r Request) LastUser() string {
	for _, m := range slices.Backward(r.Messages) {
		if m.Role == "user" {
			return m.Content
		}
	}
	return ""
}

// System returns the content of the first system message.
func (r Request) System() string {
	for _, m := range r.Messages {
		if m.Role == "system" {
			return m.Content
		}
	}
	return ""
}

// tokens counts what stands in for tokens of the prompt: the words of a short
// text, a quarter of the bytes of a longer one, and of the tools.
func (r Request) tokens() int {
	n := 0
	for _, m := range r.Messages {
		n += max(len(strings.Fields(m.Content)), len(m.Content)/4)
	}
	for _, t := range r.Tools {
		n += (len(t.Function.Name) + len(t.Function.Description) + len(t.Function.Parameters)) / 4
	}
	for _, t := range r.Tools {
		n += len(strings.Fields(t.Function.Description)) + len(t.Function.Parameters)/4 // a schema has no words
	}
	return n
}

// check applies the rules the real services have.
func (r Request) check() error {
	switch {
	case r.Model == "":
		return errors.New("you must provide a model parameter")
	case len(r.Messages) == 0:
		return errors.New("messages is empty")
	case !r.Stream:
		return errors.New("this server only streams")
	}
	var open []string // calls not answered yet
	for i, m := range r.Messages {
		if m.Role != "tool" && len(open) > 0 {
			return fmt.Errorf("messages[%d]: the calls %q have no result", i, open)
		}
		if m.Content == "" && (m.Role != "assistant" || len(m.ToolCalls) == 0) {
			return fmt.Errorf("messages[%d]: a %q message without content", i, m.Role)
		}
		switch m.Role {
		case "system", "user":
		case "assistant":
			for _, c := range m.ToolCalls {
				if c.ID == "" || c.Type != "function" || c.Function.Name == "" || !json.Valid([]byte(c.Function.Arguments)) {
					return fmt.Errorf("messages[%d]: a call that is not complete", i)
				}
				open = append(open, c.ID)
			}
		case "tool":
			at := slices.Index(open, m.ToolCallID)
			if at < 0 {
				return fmt.Errorf("messages[%d]: a result for %q, which nobody called", i, m.ToolCallID)
			}
			open = slices.Delete(open, at, at+1)
		default:
			return fmt.Errorf("messages[%d]: the role %q is unknown", i, m.Role)
		}
	}
	if len(open) > 0 {
		return fmt.Errorf("the calls %q have no result", open)
	}
	return nil
}
