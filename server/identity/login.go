package identity

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/tmates/tmates/server/limit"
	"github.com/tmates/tmates/server/token"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// Login is who is calling, and through which session.
type Login struct {
	User      tmates.User
	SessionID string
	Since     time.Time // when the session began
}

// Authenticate tells who shows a bearer token, which is the text behind
// "Bearer". Every surface asks it: a token counts only with a good signature, a
// user who exists and is not banned, and a session that lives. The user is at
// most Policy.CacheFor old. Errors are Unauthenticated, or Unavailable when the
// database cannot be asked: never access.
func (s *Service) Authenticate(ctx context.Context, bearer string) (Login, error) {
	return s.authenticate(ctx, bearer, s.policy.CacheFor)
}

// Recheck is Authenticate without the memory of a moment ago, for who waited or
// just began to listen: a login that ended before is noticed.
func (s *Service) Recheck(ctx context.Context, bearer string) (Login, error) {
	return s.authenticate(ctx, bearer, 0)
}

func (s *Service) authenticate(ctx context.Context, bearer string, cacheFor time.Duration) (Login, error) {
	// A clock that is wrong, or was, must end nobody's login: what is good by
	// either reading is good.
	now := s.clock.read()
	who, err := s.authenticateAt(ctx, bearer, now, cacheFor)
	if err == nil {
		return who, nil
	}
	if other := s.clock.checking(); other.After(now) {
		if who, err2 := s.authenticateAt(ctx, bearer, other, cacheFor); err2 == nil {
			return who, nil
		}
	}
	return who, err
}

func (s *Service) authenticateAt(ctx context.Context, bearer string, now time.Time, cacheFor time.Duration) (Login, error) {
	a, err := s.proven(bearer, now)
	if err != nil {
		return Login{}, err
	}
	known, generation, fresh := s.logins.get(a.SessionID, now, cacheFor)
	if !fresh {
		if known, err = s.lookUp(ctx, a.SessionID, now); err != nil {
			return Login{}, err
		}
		s.logins.put(known, generation)
	}
	switch {
	case known.session.UserID != a.UserID || s.over(known.session, now):
		return Login{}, store.ErrNoSession
	case known.user.Banned(now):
		return Login{}, errBanned
	}
	return Login{User: known.user, SessionID: a.SessionID, Since: known.session.CreatedAt}, nil
}

// proven checks the token itself.
func (s *Service) proven(bearer string, now time.Time) (token.Access, error) {
	if bearer == "" {
		return token.Access{}, errNoBearer
	}
	a, err := s.secrets.Verify(bearer, now)
	if err == nil {
		return a, nil
	}
	if kind := s.secrets.Kind(bearer, now); kind == token.KindAnon || kind == token.KindService {
		return a, errProjectKey
	}
	return a, err
}

func (s *Service) lookUp(ctx context.Context, sessionID string, now time.Time) (k knownLogin, err error) {
	k.at = now
	err = s.db.Read(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		if k.session, err = tx.Session(ctx, sessionID); err != nil {
			return err
		}
		k.user, err = tx.UserByID(ctx, k.session.UserID)
		return err
	})
	if errors.Is(err, store.ErrNoUser) {
		return k, errUserGone
	}
	return k, unavailable(err)
}

// Forget makes the next request of the user read the database. Whoever changes
// an account or ends a session behind this package's back calls it after the
// commit.
func (s *Service) Forget(userID string) { s.logins.forget(userID) }

// knownLogins bounds the cache of sessions.
const knownLogins = 1024

// knownLogin is a session and its user as they were read.
type knownLogin struct {
	at      time.Time
	user    tmates.User
	session tmates.Session
}

// loginCache keeps what Authenticate read. A lookup that began before something
// was forgotten is not kept, so that an ended session cannot come back.
type loginCache struct {
	mu         sync.Mutex
	generation uint64
	known      *limit.LRU[string, knownLogin]
}

func newLoginCache() *loginCache {
	return &loginCache{known: limit.NewLRU[string, knownLogin](knownLogins)}
}

func (l *loginCache) get(sessionID string, now time.Time, life time.Duration) (k knownLogin, generation uint64, fresh bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if found := l.known.Get(sessionID); found != nil && now.Sub(found.at) < life {
		return *found, l.generation, true
	}
	return k, l.generation, false
}

func (l *loginCache) put(k knownLogin, generation uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if generation != l.generation {
		return
	}
	found := l.known.Get(k.session.ID)
	if found == nil {
		found = l.known.Add(k.session.ID)
	}
	*found = k
}

func (l *loginCache) drop(sessionID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.generation++
	l.known.Remove(sessionID)
}

func (l *loginCache) forget(userID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.generation++
	l.known.RemoveFunc(func(k *knownLogin) bool { return k.session.UserID == userID })
}
