package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
)

// hashQueue is how many hashes may wait for a turn; more are told to come back.
const hashQueue = 16

// hashes bounds the memory and time that password hashing takes.
type hashes struct {
	turns   chan struct{}
	present atomic.Int64
}

func newHashes(atOnce int) *hashes { return &hashes{turns: make(chan struct{}, atOnce)} }

var errHashesFull = errors.New("too many password hashes wait")

// do runs fn, which computes hashes one after the other, when it is its turn.
func (h *hashes) do(ctx context.Context, fn func() error) error {
	defer h.present.Add(-1)
	if h.present.Add(1) > int64(cap(h.turns)+hashQueue) {
		return errHashesFull
	}
	select {
	case h.turns <- struct{}{}:
		defer func() { <-h.turns }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return fn()
}

// argonCost is the price of an argon2id hash: memory in KiB, passes, lanes.
type argonCost struct {
	memory uint32
	passes uint32
	lanes  uint8
}

// The cost of new hashes, and the greatest one that is computed at all: a
// stored hash must not be able to take the machine's memory.
var (
	cost    = argonCost{memory: 19 << 10, passes: 2, lanes: 1}
	maxCost = argonCost{memory: 256 << 10, passes: 16, lanes: 16}
)

const (
	saltBytes = 16
	hashBytes = 32
)

func (c argonCost) hash(password string, salt []byte, n int) []byte {
	return argon2.IDKey([]byte(password), salt, c.passes, c.memory, c.lanes, uint32(n))
}

// hashPassword returns the PHC string of a password with a fresh salt.
func hashPassword(password string) string {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails: the program is stopped instead
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, cost.memory, cost.passes, cost.lanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(cost.hash(password, salt, hashBytes)))
}

// checkPassword compares a password with a stored hash: argon2id of any cost,
// or bcrypt from an import. stale means that the password is right and its hash
// should be made anew. An empty or unreadable hash costs as much as a good one
// and never matches.
func checkPassword(stored, password string) (ok, stale bool) {
	if strings.HasPrefix(stored, "$2") {
		// bcrypt reads 72 bytes: what lies behind them was never proven.
		return bcrypt.CompareHashAndPassword([]byte(stored), []byte(password)) == nil, len(password) <= 72
	}
	c, salt, want, ok := parsePHC(stored)
	if !ok {
		cost.hash(password, make([]byte, saltBytes), hashBytes)
		return false, false
	}
	ok = subtle.ConstantTimeCompare(c.hash(password, salt, len(want)), want) == 1
	return ok, c != cost || len(salt) < saltBytes || len(want) < hashBytes
}

// maxBcrypt is the greatest cost of a bcrypt hash that is taken over: each step
// doubles the time of a login.
const maxBcrypt = 14

var bcryptPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}$`) })

// validHash reports whether checkPassword can work with a hash from elsewhere.
func validHash(stored string) bool {
	if bcryptPattern().MatchString(stored) {
		n, err := bcrypt.Cost([]byte(stored))
		return err == nil && n <= maxBcrypt
	}
	_, _, _, ok := parsePHC(stored)
	return ok && len(stored) <= maxHash
}

// maxHash bounds a PHC string, in bytes: its salt may have any length.
const maxHash = 512

func parsePHC(stored string) (c argonCost, salt, hash []byte, ok bool) {
	part := strings.Split(stored, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, false
	}
	if _, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &c.memory, &c.passes, &c.lanes); err != nil {
		return c, nil, nil, false
	}
	salt, errSalt := base64.RawStdEncoding.DecodeString(part[4])
	hash, errHash := base64.RawStdEncoding.DecodeString(part[5])
	ok = errSalt == nil && errHash == nil && len(salt) >= 8 && len(hash) >= 16 && len(hash) <= 64 &&
		c.passes >= 1 && c.lanes >= 1 && c.memory >= 8*uint32(c.lanes) &&
		c.memory <= maxCost.memory && c.passes <= maxCost.passes && c.lanes <= maxCost.lanes
	return c, salt, hash, ok
}
