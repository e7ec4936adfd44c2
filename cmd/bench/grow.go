package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/tmates/tmates/server/token"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// GrownEmail is the account a grown database belongs to.
const GrownEmail = "grown@example.com"

// Bounds of a grown database.
const (
	MaxGrown    = 100_000_000
	growBatch   = 50_000    // messages that share a commit
	growCache   = 256 << 10 // KiB: each message of a commit touches pages of its own, which would be written one by one
	threadShare = 200       // messages a thread has when nothing else is asked for
)

// The year a grown database tells of: long over, so that no clock is behind it.
var grownFrom = time.Date(2024, 1, 1, 8, 0, 0, 0, time.UTC)

const grownSpan = 365 * 24 * time.Hour

// GrowOptions say what [Grow] makes. Data and Messages are required.
type GrowOptions struct {
	Data     string // the data folder; made when it is missing
	Messages int    // 1 to [MaxGrown]
	Threads  int    // 1 to Messages; 0: one for each 200 messages
	Seed     uint64 // the same seed makes the same rows
}

// Grown is what [Grow] made.
type Grown struct {
	Email    string // of the owner, who can log in with a code
	Messages int
	Threads  int
}

// Grow fills a data folder with one account and its threads, in which messages
// of a year stand interleaved by time. It goes through the store, a few thousand
// messages a commit. A folder that a server has open is a Conflict, and so is
// one that has accounts already.
func Grow(ctx context.Context, o GrowOptions) (out Grown, err error) {
	o.Threads = cmp.Or(o.Threads, max(o.Messages/threadShare, 1))
	switch {
	case o.Messages < 1 || o.Messages > MaxGrown:
		return out, tmates.E(tmates.Invalid, "messages_out_of_bounds", nil, "a database is grown by 1 to %d messages, not %d", MaxGrown, o.Messages)
	case o.Threads < 1 || o.Threads > o.Messages:
		return out, tmates.E(tmates.Invalid, "threads_out_of_bounds", nil, "%d messages fill 1 to %d threads, not %d", o.Messages, o.Messages, o.Threads)
	}
	lock, _, err := store.AcquireLock(o.Data)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	g := &grower{o: o, random: rand.New(rand.NewPCG(o.Seed, 0)), now: grownFrom} //nolint:gosec // a seed has to repeat
	g.db, err = store.Open(ctx, store.Options{Dir: o.Data, Synchronous: "normal", CacheKiB: growCache, NewID: g.id, Now: func() time.Time { return g.now }})
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, g.db.Close()) }()
	if err := g.people(ctx); err != nil {
		return out, err
	}
	// Made beside the first account, as a server does: it would warn of a database without keys.
	if _, err := token.Load(o.Data, time.Now()); err != nil {
		return out, err
	}
	if err := g.talk(ctx); err != nil {
		return out, err
	}
	return Grown{Email: GrownEmail, Messages: o.Messages, Threads: o.Threads}, nil
}

// grower makes the rows. Everything it decides comes from one source of chance.
type grower struct {
	o       GrowOptions
	db      *store.DB
	random  *rand.Rand
	now     time.Time // of the next row
	owner   tmates.User
	org     string
	threads []string
	kept    int
}

// id returns an id in the form of a random UUID.
func (g *grower) id() string {
	a, b := g.random.Uint64(), g.random.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0x3fff|0x8000, b&0xffff_ffff_ffff)
}

// people makes the account with its organisation, as the first of a server.
func (g *grower) people(ctx context.Context) error {
	return g.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.CountUsers(ctx)
		if err != nil {
			return err
		}
		if n > 0 {
			return tmates.E(tmates.Conflict, "data_not_empty", nil, "the data folder %s has accounts already: a database is grown in an empty one", g.o.Data)
		}
		g.owner, err = tx.AddUser(ctx, tmates.User{
			ID: tx.NewID(), Email: GrownEmail, ConfirmedAt: tx.Now,
			Metadata:    map[string]any{"full_name": "Gro Wn", "email_verified": true},
			AppMetadata: map[string]any{"provider": "email", "providers": []any{"email"}},
		})
		if err != nil {
			return err
		}
		g.org = tx.NewID()
		return errors.Join(
			tx.AddIdentity(ctx, tmates.Identity{ID: tx.NewID(), UserID: g.owner.ID, Provider: "email", Email: GrownEmail}),
			tx.AddOrganisation(ctx, tmates.Organisation{ID: g.org, Name: "Gro Wn", Type: "personal", CreatedAt: tx.Now}),
			tx.AddMember(ctx, tmates.Member{OrganisationID: g.org, UserID: g.owner.ID, Role: tmates.RoleOwner, CreatedAt: tx.Now}),
			tx.PutHire(ctx, tmates.Hire{OrganisationID: g.org, TmateKey: "adam", Name: "Adam", Active: true}),
			tx.PutProfile(ctx, tmates.Profile{UserID: g.owner.ID}),
		)
	})
}

// talk fills the threads. In each round every thread gets a message, in an order
// of its own; people and tmates speak in turns.
func (g *grower) talk(ctx context.Context) error {
	for len(g.threads) < g.o.Threads {
		if err := g.db.Write(ctx, g.addThreads); err != nil {
			return err
		}
	}
	var order []int
	for round := 0; g.kept < g.o.Messages; {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		err := g.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
			for range min(growBatch, g.o.Messages-g.kept) {
				if len(order) == 0 {
					order = g.random.Perm(g.o.Threads)
					round++
				}
				if err := g.addMessage(ctx, tx, g.threads[order[0]], round%2 == 1); err != nil {
					return err
				}
				order = order[1:]
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// addThreads adds a batch of threads. They are group threads: direct ones would
// need a tmate each.
func (g *grower) addThreads(ctx context.Context, tx *store.Tx) error {
	for range min(growBatch, g.o.Threads-len(g.threads)) {
		id, n := tx.NewID(), len(g.threads)
		slug, title := tmates.TeamChatSlug, "Team Chat"
		if n > 0 {
			slug, title = "group:"+strconv.Itoa(n), g.sentence()
		}
		err := tx.AddThread(ctx, tmates.Thread{
			ID: id, OrganisationID: g.org, UserID: g.owner.ID, Slug: slug, Title: title, Kind: tmates.KindGroup, TmateKeys: []string{"adam"},
			Metadata: map[string]any{"slug": slug, "created_via": "bench"},
		})
		if err != nil {
			return err
		}
		g.threads = append(g.threads, id)
	}
	return nil
}

func (g *grower) addMessage(ctx context.Context, tx *store.Tx, thread string, person bool) error {
	g.now = g.now.Add(time.Duration(g.random.Int64N(2*int64(grownSpan)/int64(g.o.Messages)) + 1))
	tx.Now = g.now.Truncate(time.Microsecond)
	m := tmates.Message{
		ID: tx.NewID(), ThreadID: thread, OrganisationID: g.org, UserID: g.owner.ID, Role: tmates.MessageUser, Author: g.owner.DisplayName(),
	}
	sentences := 1 + g.random.IntN(3)
	if !person {
		m.Role, m.Author, m.Payload = tmates.MessageAssistant, "Adam", map[string]any{"agent_key": "adam"}
		sentences += g.random.IntN(9)
	}
	said := make([]string, sentences)
	for i := range said {
		said[i] = g.sentence()
	}
	m.Content = strings.Join(said, " ")
	g.kept++
	_, err := tx.AddMessage(ctx, m)
	return err
}

// vocabulary is what grown people talk about.
var vocabulary = strings.Fields(`the a we you they this that our your garden report kitchen invoice meeting ticket server letter plan team
	answer question week Monday Tuesday morning evening budget picture table number list note water plants order shelf train station
	phone camera recipe soup bread tea coffee chapter draft window door key lamp battery cable printer paper folder
	needs has wants sends finds keeps moves opens closes writes reads checks counts buys brings takes makes shows asks
	new old small large quick slow green blue first last next early late open ready
	and but because before after with without for from about near until again today tomorrow soon there here`)

// sentence returns 4 to 14 words with a full stop.
func (g *grower) sentence() string {
	var b strings.Builder
	for i := range 4 + g.random.IntN(11) {
		word := vocabulary[g.random.IntN(len(vocabulary))]
		if i == 0 {
			word = strings.ToUpper(word[:1]) + word[1:]
		} else {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	b.WriteByte('.')
	return b.String()
}
