package token

import (
	"encoding/hex"

	"github.com/google/uuid"

	"github.com/tmates/tmates/store/tmates"
)

// linkMAC is how many bytes of the MAC a link carries: 128 bits cannot be
// guessed, so that guesses at links need not be counted.
const linkMAC = 16

// Link returns the token of a link that does what the digits of a one-time code
// do, without being asked for the address: the user's id and a MAC, as hex.
// Like the digits it follows from the code and a key outside the database, so
// that nothing usable is stored. The user's id must be a UUID.
func (s *Secrets) Link(c tmates.Code) string {
	id, err := uuid.Parse(c.UserID)
	if err != nil {
		panic("token: the user of a code has no UUID") // ours to keep
	}
	// No purpose is called link, so that digits and links have nothing in common.
	mac := s.codeMAC("link", c.Purpose, c.UserID, c.Email, string(c.Nonce))
	return hex.EncodeToString(append(id[:], mac[:linkMAC]...))
}

// ParseLink returns whose code a link's token names; ok is false for what never
// was one.
func ParseLink(raw string) (userID string, ok bool) {
	b, err := hex.DecodeString(raw)
	if err != nil || len(b) != len(uuid.UUID{})+linkMAC {
		return "", false
	}
	id, err := uuid.FromBytes(b[:len(uuid.UUID{})])
	return id.String(), err == nil
}

// Linked reports whether raw is the link of the code.
func (s *Secrets) Linked(c tmates.Code, raw string) bool {
	return sameSecret([]byte(s.Link(c)), []byte(raw))
}
