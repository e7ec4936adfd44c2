package identity

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/tmates/tmates/server/limit"
	"github.com/tmates/tmates/server/token"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// Options of [New]. DB, Secrets and PublicURL are required.
type Options struct {
	DB        *store.DB // also the clock and the source of ids
	Secrets   *token.Secrets
	PublicURL string // where clients reach the server; fixed, never taken from a request
	Policy    Policy // the zero value means DefaultPolicy()

	SignUp       bool // strangers may make themselves an account
	ConfirmEmail bool // such an account works only once a code proved its address
	HideAccounts bool // asking for a code does not tell whether the address is known

	// Provision gives a new account its place. It runs in the Write that creates
	// the account; role is empty when nobody chose one. Nil: nothing to do.
	Provision func(ctx context.Context, tx *store.Tx, u tmates.User, role tmates.Role) error
	// Found is Provision for an account that gets a workspace of its own. It may
	// be nil when nobody asks for that.
	Found func(ctx context.Context, tx *store.Tx, u tmates.User) error
	// Depart takes that place back. It runs in the Write that deletes the account,
	// before it does, and returns what is to be done after the commit. Nil: nothing.
	Depart func(ctx context.Context, tx *store.Tx, userID string) (ended func(), err error)
	// DeleteFiles removes a deleted account's files. It runs after the commit; what
	// it leaves behind is for the next start, see [Service.Deleted]. Nil: nothing.
	DeleteFiles func(ctx context.Context, userID string) error
	// RedirectURLs are patterns of addresses, beside PublicURL, that links may lead
	// to: ** is any text, * any text without . / : ? # and @.
	RedirectURLs []string
	// Mail sends one message. Nil: there is no mail, and codes go to Console.
	Mail func(ctx context.Context, to, subject, text string) error
	// Console shows a code to whoever sits at the machine. Nil: codes are only
	// told by IssueCode.
	Console func(email, code string)

	Log    *slog.Logger
	Hashes int       // concurrent password hashes, 19 MiB each; default 2
	Built  time.Time // when the program was built: no clock can show less. Zero: unknown
}

// Service is the use-cases. Its methods may be called from any goroutine.
type Service struct {
	db           *store.DB
	secrets      *token.Secrets
	signer       *token.Signer
	publicURL    string
	policy       Policy
	signUp       bool
	confirmEmail bool
	hide         bool
	provision    provision
	found        func(context.Context, *store.Tx, tmates.User) error
	depart       func(context.Context, *store.Tx, string) (func(), error)
	deleteFiles  func(ctx context.Context, userID string) error
	mail         func(ctx context.Context, to, subject, text string) error
	console      func(email, code string)
	log          *slog.Logger

	rules   rules
	targets redirects
	hashes  *hashes
	limits  *limit.Rate[limitKey]
	logins  *loginCache
	clock   *clock
	letters chan letter
	first   firstPass
	// codesUntil is when the next code expires, in Unix microseconds; 0 when none
	// is pending. Pruning follows it.
	codesUntil atomic.Int64
}

// letterQueue is how many mails may wait. The server-wide limit of mails per
// hour keeps it from filling unless the mail server hangs.
const letterQueue = 100

// New returns the use-cases. It reads the newest stored time, which the clock
// is held against, and starts nothing; see [Service.Run].
func New(ctx context.Context, o Options) (*Service, error) {
	if o.Policy == (Policy{}) {
		o.Policy = DefaultPolicy()
	}
	if err := o.Policy.check(); err != nil {
		return nil, err
	}
	s := &Service{
		db: o.DB, secrets: o.Secrets, publicURL: o.PublicURL, policy: o.Policy,
		signUp: o.SignUp, confirmEmail: o.ConfirmEmail, hide: o.HideAccounts,
		provision: o.Provision, found: o.Found, depart: o.Depart, deleteFiles: o.DeleteFiles, mail: o.Mail, console: o.Console,
		signer:  token.NewSigner(o.Secrets, o.PublicURL, o.Policy.AccessLife),
		log:     cmp.Or(o.Log, slog.New(slog.DiscardHandler)),
		rules:   newRules(o.Policy, o.PublicURL),
		hashes:  newHashes(cmp.Or(o.Hashes, 2)),
		limits:  limit.NewRate[limitKey](o.Policy.Burst, o.Policy.BurstPer, limitKeys),
		logins:  newLoginCache(),
		letters: make(chan letter, letterQueue),
	}
	var err error
	if s.targets, err = newRedirects(o.PublicURL, o.RedirectURLs); err != nil {
		return nil, err
	}
	var newest time.Time
	err = s.db.Read(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		newest, err = tx.NewestTime(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read newest time: %w", err)
	}
	s.clock = newClock(o.DB.Now, later(newest, o.Built), s.log)
	// Codes of the process before this one may still be pending.
	s.codesUntil.Store(o.DB.Now().Add(o.Policy.CodeLife).UnixMicro())
	return s, nil
}

// SignUpOpen reports whether strangers may make themselves an account.
func (s *Service) SignUpOpen() bool { return s.signUp }

// Autoconfirm reports whether a new account works without a code.
func (s *Service) Autoconfirm() bool { return !s.confirmEmail }

// auditLife is how long audit records are kept, and sessionGrace how long a
// dead session is kept so that its client learns that it expired.
const (
	auditLife    = 90 * 24 * time.Hour
	sessionGrace = 7 * 24 * time.Hour
)

// Run sends mail and removes what has expired, until ctx ends. Letters that
// still wait then are lost; whoever wants one asks again.
func (s *Service) Run(ctx context.Context) error {
	minute := time.NewTicker(time.Minute)
	defer minute.Stop()
	for n := 0; ; {
		select {
		case l := <-s.letters:
			s.deliver(ctx, l)
		case <-minute.C:
			hourly := n%60 == 0
			n++
			if err := s.prune(ctx, hourly); err != nil && ctx.Err() == nil {
				s.log.Error("expired logins could not be removed", "err", err)
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// prune removes expired codes within a minute, and the rest when all is set.
// When there is nothing to do it writes nothing: an idle server leaves the disk
// alone.
func (s *Service) prune(ctx context.Context, all bool) error {
	until := s.codesUntil.Load()
	codes := until != 0 && s.db.Now().UnixMicro() >= until
	if !codes && !all {
		return nil
	}
	var next int64
	err := s.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		end, err := tx.PruneCodes(ctx)
		if !end.IsZero() {
			next = end.UnixMicro()
		}
		if err != nil || !all {
			return err
		}
		if err := tx.PrunePasses(ctx); err != nil {
			return err
		}
		if err := tx.PruneAudit(ctx, tx.Now.Add(-auditLife)); err != nil {
			return err
		}
		_, err = tx.PruneSessions(ctx, tx.Now.Add(-s.policy.Inactivity-sessionGrace), tx.Now.Add(-sessionGrace))
		return err
	})
	if err == nil && codes {
		s.codesUntil.CompareAndSwap(until, next)
	}
	return err
}

// Client is where a request comes from.
type Client struct {
	IP        string // the client's address, as the listener established it
	UserAgent string
}

// record keeps an audit record about a user.
func (s *Service) record(ctx context.Context, tx *store.Tx, c Client, event, userID, sessionID, detail string) error {
	return tx.AddAudit(ctx, tmates.Audit{
		Event: event, UserID: userID, SessionID: sessionID, IP: plain(c.IP), UserAgent: plain(c.UserAgent), Detail: plain(detail),
	})
}

// plainRunes bounds what a stranger can make us store of a header.
const plainRunes = 200

// plain makes a stranger's text fit for one line of a record.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
	if utf8.RuneCountInString(text) > plainRunes {
		text = string([]rune(text)[:plainRunes])
	}
	return text
}

// ghost is the user id under which an address without an account is limited.
func ghost(address string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("mailto:"+address)).String()
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
