package tmates

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// ThreadKind tells a direct thread from Team Chat.
type ThreadKind string

// The kinds of thread.
const (
	KindDirect ThreadKind = "agent"
	KindGroup  ThreadKind = "group"
)

// TeamChatSlug names the one group thread every user has.
const TeamChatSlug = "group:all"

// DirectSlug names the direct thread with a tmate.
func DirectSlug(tmateKey string) string { return "agent:" + tmateKey }

// Thread is a conversation owned by one user.
type Thread struct {
	ID              string
	OrganisationID  string
	UserID          string
	Slug            string // unique per user: TeamChatSlug or DirectSlug
	Title           string
	Kind            ThreadKind
	TmateKeys       []string
	ActiveSessionID string // hyphenated; empty when none
	Metadata        map[string]any
	LastMessage     string // preview, at most 160 code points; empty when none
	LastSeq         int64  // of the newest message ever; 0 when there was none
	ReadSeq         int64  // how far its owner has read
	Unread          int    // the news after that, at most MaxUnread, where it was counted
	LastActivity    time.Time
	CreatedAt       time.Time
	UpdatedAt       time.Time
}

// Role of a message's author.
const (
	MessageUser      = "user"
	MessageAssistant = "assistant"
	MessageSystem    = "system"
)

// Message is one entry of a thread.
type Message struct {
	ID             string
	Seq            int64 // server-wide, increasing in commit order
	ThreadID       string
	OrganisationID string
	UserID         string // owner of the thread
	SessionID      string // canonical (see CanonicalSession); empty when none
	JobID          string // set on the one visible outcome of a job
	ClientID       string // what the client that sent it calls it, unique in the thread; empty: nothing
	Role           string
	Author         string // empty for system messages without an author
	Content        string
	Payload        map[string]any // never nil once stored
	CreatedAt      time.Time
	Repeated       bool // not stored: it was there when it was sent again
}

// MaxUnread is where counting what is unread in a thread stops.
const MaxUnread = 1000

// News reports whether a message counts as unread: what others say does, but not
// that the subject changed or that a tmate came or went.
func (m Message) News() bool {
	switch m.Payload["event"] {
	case "session_reset", "agent_join", "agent_leave":
		return false
	}
	return m.Role != MessageUser
}

// SessionID derives the conversation session of a user, thread and tmate: a
// UUID version 5 in the URL namespace over "user:thread:tmate", as 32
// lower-case hex digits. The recipe is upstream's, so ids agree.
func SessionID(userID, threadID, tmateKey string) string {
	id := uuid.NewSHA1(uuid.NameSpaceURL, []byte(userID+":"+threadID+":"+tmateKey))
	return hex32(id)
}

// NewSessionID returns a random conversation session, as 32 hex digits.
func NewSessionID() string { return hex32(uuid.New()) }

func hex32(id uuid.UUID) string { return strings.ReplaceAll(id.String(), "-", "") }

// CanonicalSession returns the one spelling under which a conversation session
// is stored and a tmate's memory is keyed: a UUID in any spelling becomes
// hyphenated lower case, other text stays as it is.
func CanonicalSession(s string) string {
	if len(s) == 32 || len(s) == 36 {
		if id, err := uuid.Parse(s); err == nil {
			return id.String()
		}
	}
	return s
}

// HexSession is the spelling of the payload and of a reset's answer: a UUID
// without hyphens, other text as it is.
func HexSession(s string) string {
	if id, err := uuid.Parse(s); err == nil && (len(s) == 32 || len(s) == 36) {
		return hex32(id)
	}
	return s
}

// PreviewRunes is the length of a thread's preview in code points.
const PreviewRunes = 160

// Preview shortens a message for a list: white space is collapsed, and more
// than PreviewRunes code points become one less plus an ellipsis.
func Preview(content string) string {
	s := strings.Join(strings.Fields(content), " ")
	if utf8.RuneCountInString(s) <= PreviewRunes {
		return s
	}
	r := []rune(s)[:PreviewRunes-1]
	return strings.TrimRight(string(r), " ") + "…"
}

// TitleCase names a tmate by its key when nothing better is known: the first
// letter of every run of letters is raised ("two-words_x" becomes
// "Two-Words_X").
func TitleCase(key string) string {
	var b strings.Builder
	inRun := false
	for _, r := range key {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		switch {
		case letter && !inRun:
			b.WriteString(strings.ToUpper(string(r)))
		case letter:
			b.WriteString(strings.ToLower(string(r)))
		default:
			b.WriteRune(r)
		}
		inRun = letter
	}
	return b.String()
}
