package replay

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tmates/tmates/agents"
)

const (
	version = 1
	// DefaultMaxBytes bounds a recording.
	DefaultMaxBytes = 64 << 20
	// maxExchange bounds one line, in bytes.
	maxExchange = 4 << 20
	// maxQuestion is how much of a question is kept, in code points.
	maxQuestion = 200
	// maxPause bounds a pause of a replay: longer than any brain is silent.
	maxPause = 15 * time.Minute
)

// exchange is one line of a recording (see the package comment).
type exchange struct {
	Version  int       `json:"v"`
	At       time.Time `json:"at"`
	Tmate    string    `json:"tmate"`
	Request  string    `json:"request"`
	Question string    `json:"question"`
	Parts    []part    `json:"parts"`
	Failure  *failure  `json:"failure,omitempty"`
}

type part struct {
	After int64  `json:"after"` // milliseconds
	Text  string `json:"text,omitempty"`
	Calls []call `json:"calls,omitempty"`
	Usage *usage `json:"usage,omitempty"`
}

type call struct {
	ID   string          `json:"id"`
	Name string          `json:"name"`
	Args json.RawMessage `json:"args"`
}

type usage struct {
	Model      string `json:"model"`
	Prompt     int64  `json:"prompt"`
	Completion int64  `json:"completion"`
}

type failure struct {
	After      int64  `json:"after"`
	Status     int    `json:"status"`
	Code       string `json:"code,omitempty"`
	RetryAfter int64  `json:"retry_after,omitempty"` // milliseconds
	Fatal      bool   `json:"fatal"`
	Text       string `json:"text"`
}

// newPart writes down one part.
func newPart(p agents.Part, after time.Duration) part {
	out := part{After: after.Milliseconds(), Text: p.Text}
	for _, c := range p.Calls {
		out.Calls = append(out.Calls, call(c))
	}
	if p.Usage != nil {
		out.Usage = &usage{Model: p.Usage.Model, Prompt: p.Usage.PromptTokens, Completion: p.Usage.CompletionTokens}
	}
	return out
}

// part reads it again.
func (p part) part() agents.Part {
	out := agents.Part{Text: p.Text}
	for _, c := range p.Calls {
		out.Calls = append(out.Calls, agents.Call(c))
	}
	if p.Usage != nil {
		out.Usage = &agents.Usage{Model: p.Usage.Model, PromptTokens: p.Usage.Prompt, CompletionTokens: p.Usage.Completion}
	}
	return out
}

// newFailure writes down the class of an error and its sentence, but not its
// cause, which may hold anything.
func newFailure(err error, after time.Duration) *failure {
	out := &failure{After: after.Milliseconds(), Text: "The brain failed"}
	if e, ok := errors.AsType[*agents.ProviderError](err); ok {
		out.Status, out.Code, out.Fatal, out.Text = e.Status, e.Code, e.Fatal, e.Msg
		out.RetryAfter = e.RetryAfter.Milliseconds()
	}
	return out
}

func (f failure) err() error {
	return &agents.ProviderError{
		Status:     f.Status,
		Code:       f.Code,
		RetryAfter: time.Duration(f.RetryAfter) * time.Millisecond,
		Fatal:      f.Fatal,
		Msg:        f.Text,
	}
}

// read reads one line.
func read(line []byte) (exchange, error) {
	var x exchange
	if err := json.Unmarshal(line, &x); err != nil {
		return x, err
	}
	if x.Version != version {
		return x, fmt.Errorf("v is %d: only %d is known", x.Version, version)
	}
	for i, p := range x.Parts {
		for _, c := range p.Calls {
			if len(c.Args) == 0 || c.Args[0] != '{' || c.Name == "" {
				return x, fmt.Errorf("parts[%d].calls: a call has a name, and an object for args", i)
			}
		}
	}
	return x, nil
}

// request identifies what a brain was asked.
func request(t agents.Turn) string {
	var asked strings.Builder
	fmt.Fprintf(&asked, "%q\n", key(t))
	for _, m := range t.Messages {
		fmt.Fprintf(&asked, "%q %q %q %q\n", m.Author, m.Name, m.Text, m.CallID)
		for _, c := range m.Calls {
			fmt.Fprintf(&asked, "call %q %q %q\n", c.ID, c.Name, c.Args)
		}
		for _, i := range m.Images {
			fmt.Fprintf(&asked, "image %q %x\n", i.MediaType, sha256.Sum256(i.Data))
		}
	}
	sum := sha256.Sum256([]byte(asked.String()))
	return hex.EncodeToString(sum[:])
}

func key(t agents.Turn) string {
	if t.Tmate == nil {
		return ""
	}
	return t.Tmate.Key
}

// question returns the beginning of a turn's question on one line.
func question(t agents.Turn) string {
	runes := []rune(strings.Join(strings.Fields(t.Question()), " "))
	return string(runes[:min(len(runes), maxQuestion)])
}
