package tmates

import (
	"regexp"
	"time"
)

const maxKey = 64 // bytes of a tmate's key

// The length is not part of it: a bounded repetition takes 50 KB to compile.
var keyPattern = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)

// ValidKey reports whether s may name a tmate: a lower-case letter, then at
// most 63 of a-z, 0-9, _ and -. A leading digit is refused because the
// official client reads it as a list index.
func ValidKey(s string) bool { return len(s) <= maxKey && keyPattern.MatchString(s) }

// Hire is an organisation's employment of a tmate. Name and Description are
// copies from the day of hiring, used when the registry no longer knows the
// tmate.
type Hire struct {
	OrganisationID string
	TmateKey       string
	Name           string
	Description    string
	Active         bool
	HiredAt        time.Time
	UpdatedAt      time.Time
}

// Bounds of what a tmate remembers.
const (
	MaxFact  = 1000 // code points of one fact
	MaxFacts = 500  // of one tmate in one conversation session
)

// Memory is one fact a tmate keeps, within one conversation session.
type Memory struct {
	ID        string
	UserID    string
	ThreadID  string
	TmateKey  string
	SessionID string // canonical
	Content   string
	SourceID  string // message the fact was told in; empty when unknown
	Seq       int64  // rises with every memory of the server
	CreatedAt time.Time
}

// Summary stands for the older part of a conversation in a model's window.
type Summary struct {
	ThreadID  string
	TmateKey  string
	SessionID string // canonical
	Through   int64  // seq of the last message it covers
	Partial   bool   // it does not reach back to the first message
	UserID    string
	Content   string
	CreatedAt time.Time
}

// Post is an entry of an organisation's Pinboard.
type Post struct {
	ID             string
	OrganisationID string
	UserID         string
	Slug           string
	Title          string
	Excerpt        string
	Content        string // Markdown
	TmateKey       string // author; empty when a person wrote it
	CoverURL       string
	Priority       string // "low", "normal", "high" or "urgent"
	Attachments    []map[string]any
	Sources        []map[string]any
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// File is one of a user's files on disk.
type File struct {
	Path      string // relative to the user's folder, forward slashes
	Name      string // what the sender called it; empty when nobody said
	MediaType string // found in the content; empty when nobody looked
	Size      int64  // bytes
	JobID     string // the job whose tmate wrote it; empty for a person's
	Modified  time.Time
}
