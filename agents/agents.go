// Package agents runs one turn of one tmate: it hands the turn to a brain,
// performs the tools the brain calls, and streams what it says.
//
// The package knows nothing of HTTP, SQL or the queue. A turn arrives as plain
// values ([Turn]) and leaves as a [Reply]; what a tool may do is decided by
// whoever builds it. No brain is ever called when there is nothing to answer.
package agents

import (
	"context"
	"encoding/json"
	"iter"
	"slices"
	"time"
)

// Author of a message in a turn's history.
type Author string

// The authors a brain can tell apart.
const (
	AuthorUser  Author = "user"  // the person, or another tmate (then Name says who)
	AuthorSelf  Author = "self"  // the tmate that is asked now
	AuthorTool  Author = "tool"  // the result of a call
	AuthorEvent Author = "event" // something that happened in the thread
)

// Message is one entry of a turn's history.
type Message struct {
	Author Author
	Name   string // who said it, for people and other tmates
	Text   string
	Calls  []Call  // made by AuthorSelf
	CallID string  // answered by AuthorTool
	Images []Image // what the message shows, for models that can see
	Quotes []Quote // what came with it, for models; rules read Text alone
	Seq    int64   // number of the stored message; 0: it is not stored, or not yet
}

// MaxImages is how many pictures a turn shows a model; upstream's number.
const MaxImages = 3

// Image is a picture a model may look at.
type Image struct {
	MediaType string // "image/png", "image/jpeg", "image/webp" or "image/gif"
	Data      []byte
}

// Turn is everything a brain may know about the one answer it is asked for.
type Turn struct {
	Tmate     *Tmate
	UserID    string
	UserName  string
	TimeZone  string
	ThreadID  string
	Group     bool // Team Chat
	JobID     string
	SessionID string
	Now       time.Time
	Memory    []string // facts, oldest first
	Summary   string   // of what was said before Messages; empty: there is none
	Earlier   bool     // before Messages there are others that neither they nor Summary hold
	Left      Left     // what whoever made the turn left out of it
	// Colleagues are whom the reply may hand over to by writing @key; nil: nobody.
	Colleagues []*Tmate
	Messages   []Message // oldest first; the one to answer is the last AuthorUser
	Tools      []Tool
	Online     bool // a model is connected (rules say what they are when it is not)
	Asking     Asking
}

// Asking is how a model is asked in one turn: what the tmate's manifest sets over
// what its provider sets. The zero value of a field leaves it to the provider.
type Asking struct {
	Model           string
	Temperature     *float64 // 0 to 2
	Effort          string   // "low", "medium" or "high"; brains whose model knows no effort ignore it
	MaxOutputTokens int
	Window          int // context in tokens, sent where the service must be told (Ollama's num_ctx)
}

// Model is a connected brain and what it can take in.
type Model struct {
	Provider string // the name the operator gave it
	Brain    Brain
	Asking   Asking // the provider's own settings, Model and Window always set
	Vision   bool   // it can look at pictures
}

// Question returns the text the turn has to answer: the last message of a
// person or another tmate.
func (t Turn) Question() string {
	for _, m := range slices.Backward(t.Messages) {
		if m.Author == AuthorUser {
			return m.Text
		}
	}
	return ""
}

// Call is a brain's wish to use a tool.
type Call struct {
	ID   string
	Name string
	Args json.RawMessage // a JSON object
}

// Usage counts what a brain consumed. Zero when the provider does not say.
type Usage struct {
	Provider         string // the name the operator gave it
	Model            string
	PromptTokens     int64
	CompletionTokens int64
	Estimated        bool // by Tokens, because the service did not say
}

// Part is one piece of a streamed answer: text, finished calls, or usage.
type Part struct {
	Text  string
	Calls []Call
	Usage *Usage
}

// Brain answers one step of a turn, part by part. When the loop over the
// sequence stops early, or ctx ends, the brain must release its connection
// before the sequence returns. After an error no further part follows.
type Brain interface {
	Think(ctx context.Context, t Turn) iter.Seq2[Part, error]
}

// Tool is one thing a tmate can do. Run returns text for the model, also when
// the request makes no sense ("no such file"); an error ("disk gone") ends the
// job.
type Tool struct {
	Name        string
	Description string
	Doing       string          // for people, while it runs: "Writing to the Pinboard"
	Schema      json.RawMessage // JSON Schema of the arguments, an object
	Risk        Risk
	Run         func(ctx context.Context, args json.RawMessage) (string, error)
}

// Risk is what a tool can do to people, from nothing to the most.
type Risk uint8

// The risks, in rising order.
const (
	RiskNone  Risk = iota // computes; reads nothing of anybody
	RiskRead              // reads what the user may see
	RiskWrite             // keeps something for the user alone
	RiskShare             // shows something to other people
	RiskSpend             // makes others work, which may cost money
)

// Scope says for whom and where a turn runs: what its tools may touch. It is
// fixed by whoever builds the turn; a model cannot change it.
type Scope struct {
	UserID    string
	TmateKey  string
	ThreadID  string // empty for a job without a thread
	SessionID string // canonical
	JobID     string
	SourceID  string // message that is answered
}
