package tmates

import "time"

// Pass is what a one-time link proves. The token itself is not stored.
type Pass struct {
	Hash      string // of the token
	UserID    string // whom it logs in; empty: it makes the first account
	CreatedAt time.Time
	ExpiresAt time.Time
}
