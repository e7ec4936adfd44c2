package ollama

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/wire"
)

// request is the body of POST /api/chat.
type request struct {
	Model    string    `json:"model"`
	Messages []message `json:"messages"`
	Tools    []tool    `json:"tools,omitempty"`
	Think    any       `json:"think,omitempty"` // true, false or a level
	Stream   bool      `json:"stream"`
	Options  options   `json:"options"`
}

type options struct {
	Window      int      `json:"num_ctx"`
	Temperature *float64 `json:"temperature,omitempty"`
	Predict     int      `json:"num_predict,omitempty"`
}

type message struct {
	Role     string   `json:"role"`
	Content  string   `json:"content"`
	Images   [][]byte `json:"images,omitempty"` // base64 on the wire
	Calls    []call   `json:"tool_calls,omitempty"`
	ToolName string   `json:"tool_name,omitempty"`
}

type call struct {
	Function function `json:"function"`
}

type function struct {
	Name      string          `json:"name"`
	Arguments json.RawMessage `json:"arguments"` // an object
}

type tool struct {
	Type     string   `json:"type"`
	Function declared `json:"function"`
}

type declared struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Parameters  json.RawMessage `json:"parameters"`
}

// request builds the one request that asks for the next step of a turn.
func (b *Brain) request(t agents.Turn, without map[string]bool) request {
	a := b.Options.Asking(t)
	r := request{
		Model:    a.Model,
		Messages: messages(wire.NewPrompt(t)),
		Stream:   true,
		Options:  options{Window: cmp.Or(a.Window, DefaultWindow), Temperature: a.Temperature, Predict: a.MaxOutputTokens},
	}
	for _, t := range t.Tools {
		r.Tools = append(r.Tools, tool{Type: "function", Function: declared{t.Name, t.Description, wire.Schema(t)}})
	}
	if a.Effort != "" && !without["think"] {
		r.Think = think(a.Model, a.Effort)
	}
	return r
}

// think translates an effort: gpt-oss always thinks and knows how hard, others
// only whether.
func think(model, effort string) any {
	name := model[strings.LastIndex(model, "/")+1:]
	if strings.HasPrefix(strings.ToLower(name), "gpt-oss") {
		return effort
	}
	return effort != "low"
}

func messages(p wire.Prompt) []message {
	out := []message{{Role: "system", Content: p.System}}
	for _, m := range p.Messages {
		next := message{Role: "user", Content: m.Text}
		switch m.Author {
		case agents.AuthorSelf:
			next.Role = "assistant"
		case agents.AuthorTool:
			next.Role, next.ToolName = "tool", m.Name
		}
		for _, c := range m.Calls {
			next.Calls = append(next.Calls, call{function{c.Name, wire.Object(string(c.Args))}})
		}
		for _, i := range m.Images {
			next.Images = append(next.Images, i.Data)
		}
		out = append(out, next)
	}
	return out
}
