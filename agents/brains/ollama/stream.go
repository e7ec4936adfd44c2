package ollama

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/brains/wire"
)

// line is what we read of one line of a stream. The field "thinking" is left out:
// reasoning is nobody's text.
type line struct {
	Model      string          `json:"model"`
	Message    piece           `json:"message"`
	Done       bool            `json:"done"`
	Reason     string          `json:"done_reason"`
	Prompt     int64           `json:"prompt_eval_count"`
	Completion int64           `json:"eval_count"`
	Error      json.RawMessage `json:"error"`
}

type piece struct {
	Content string `json:"content"`
	Calls   []struct {
		ID       string   `json:"id"` // newer versions
		Function function `json:"function"`
	} `json:"tool_calls"`
}

// stream reads one answer.
type stream struct {
	lines       *wire.Lines
	host, model string // for sentences
	calls       int
	done        bool
}

// step takes one line and returns the text in it.
func (s *stream) step(a *wire.Answer) (string, error) {
	if s.done {
		return "", io.EOF
	}
	raw, err := s.lines.Data()
	if err != nil {
		return "", err
	}
	var l line
	if err := json.Unmarshal(raw, &l); err != nil {
		return "", fmt.Errorf("decode stream line: %w", err)
	}
	if wire.Present(l.Error) {
		return "", wire.Reported(raw)
	}
	a.Model = wire.ModelName(l.Model, a.Model)
	for _, c := range l.Message.Calls {
		index := s.calls // calls arrive whole
		s.calls++
		if err := a.Call(wire.Fragment{Index: &index, ID: c.ID, Name: c.Function.Name, Args: arguments(c.Function.Arguments)}); err != nil {
			return "", err
		}
	}
	if l.Done {
		s.done = true
		a.Prompt, a.Completion = l.Prompt, l.Completion
		return l.Message.Content, s.end(a, l.Reason)
	}
	return l.Message.Content, nil
}

// end notes why the answer ended. Versions before 0.3 give no reason.
func (s *stream) end(a *wire.Answer, reason string) error {
	switch reason {
	case "load", "unload": // the request did nothing but load the model
		return &agents.ProviderError{Status: http.StatusServiceUnavailable, Msg: wire.Failure{Host: s.host, Model: s.model}.Loading()}
	case "length":
		a.End = wire.CutShort
	default:
		a.End = wire.Complete
	}
	return nil
}

// arguments returns the object as text; models that print it as a string are
// understood too.
func arguments(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}
