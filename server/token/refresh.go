package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/google/uuid"

	"github.com/tmates/tmates/store/tmates"
)

// A refresh token is the raw URL-safe base64 of
//
//	version (1 byte) ‖ session id (16) ‖ counter (8, big endian) ‖ MAC (16)
//
// with MAC = HMAC-SHA-256(K, everything before)[:16] and
// K = HMAC-SHA-256(refresh key of the secrets, key of the session row). The row
// key makes tokens of different sessions unrelated; the key outside the
// database makes a copy of the database useless. Nothing token-like is stored,
// and the current token can be made again for a client that lost a reply.
const (
	refreshVersion = 1
	refreshBody    = 1 + 16 + 8
	refreshMAC     = 16 // bytes: 128 bits
)

// ErrRefresh is what a string that has not the form of a refresh token answers.
var ErrRefresh = tmates.E(tmates.Invalid, "validation_failed", nil, "This is not a refresh token")

// strict refuses the spellings of one token that differ in unused bits only.
var strict = base64.RawURLEncoding.Strict()

// Refresh is a refresh token taken apart. Until [Secrets.Owns] agrees it is a
// claim and no more.
type Refresh struct {
	SessionID string
	Counter   int64
	mac       [refreshMAC]byte
}

// Mint returns refresh token number counter of a session. It fails when the
// session's id is no UUID.
func (s *Secrets) Mint(sessionID string, counter int64, rowKey []byte) (string, error) {
	body, err := refreshBytes(sessionID, counter)
	if err != nil {
		return "", err
	}
	mac := s.refreshSum(body, rowKey)
	return strict.EncodeToString(append(body, mac[:]...)), nil
}

func refreshBytes(sessionID string, counter int64) ([]byte, error) {
	id, err := uuid.Parse(sessionID)
	if err != nil {
		return nil, fmt.Errorf("mint refresh token: %w", err)
	}
	body := append(make([]byte, 0, refreshBody+refreshMAC), refreshVersion)
	body = append(body, id[:]...)
	return binary.BigEndian.AppendUint64(body, uint64(counter)), nil
}

func (s *Secrets) refreshSum(body, rowKey []byte) (sum [refreshMAC]byte) {
	outer := hmac.New(sha256.New, s.refresh)
	outer.Write(rowKey)
	inner := hmac.New(sha256.New, outer.Sum(nil))
	inner.Write(body)
	copy(sum[:], inner.Sum(nil))
	return sum
}

// ParseRefresh takes a refresh token apart, or returns [ErrRefresh].
func ParseRefresh(raw string) (r Refresh, err error) {
	if len(raw) != strict.EncodedLen(refreshBody+refreshMAC) {
		return r, ErrRefresh
	}
	b, err := strict.DecodeString(raw)
	if err != nil || len(b) != refreshBody+refreshMAC || b[0] != refreshVersion {
		return r, ErrRefresh
	}
	counter := binary.BigEndian.Uint64(b[17:refreshBody])
	if counter > math.MaxInt64 {
		return r, ErrRefresh
	}
	r.SessionID, r.Counter = uuid.UUID(b[1:17]).String(), int64(counter)
	copy(r.mac[:], b[refreshBody:])
	return r, nil
}

// Owns reports whether this instance minted r for the session with the row key.
func (s *Secrets) Owns(r Refresh, rowKey []byte) bool {
	body, err := refreshBytes(r.SessionID, r.Counter)
	if err != nil {
		return false
	}
	want := s.refreshSum(body, rowKey)
	return sameSecret(want[:], r.mac[:])
}
