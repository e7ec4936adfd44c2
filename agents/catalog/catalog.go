package catalog

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/agents/registry"
	"github.com/tmates/tmates/store/tmates"
)

const (
	stateName    = "index.json"
	bundleFolder = "bundles"
	readyName    = ".ready" // is written last: the folder is whole
)

// Options of [New]. Dir and URL are required.
type Options struct {
	Dir     string // the data folder's catalog/; made by the first sync
	URL     string // of the index; see [ParseURL]
	Channel string // "dev" or "prod"; default "prod"
	// Employed returns the keys of all tmates somebody employs; nil: nobody. It
	// is asked during a sync.
	Employed func(ctx context.Context) ([]string, error)
	Changed  func() // called when other tmates are on offer; nil: nobody cares
	Log      *slog.Logger
	Now      func() time.Time
}

// Catalog is the cached copy of one catalog. Its methods may be called from
// several goroutines.
type Catalog struct {
	opts    Options
	url     *url.URL
	fetch   *fetcher
	syncing sync.Mutex
	now     atomic.Pointer[copied]
}

// copied is what is cached now. It is never changed.
type copied struct {
	state    state
	tmates   []*agents.Tmate // by key; retired ones included
	problems []registry.Problem
}

// state is what the cache's index.json holds.
type state struct {
	URL      string    `json:"url"`
	Channel  string    `json:"channel"`
	ETag     string    `json:"etag,omitempty"` // empty unless everything was taken
	SyncedAt time.Time `json:"synced_at"`
	Entries  []kept    `json:"entries"` // sorted by key
}

// kept is an entry whose tmate is in the cache.
type kept struct {
	entry
	Folder  string `json:"folder"`            // in bundles/; the SHA-256 of what it was made of
	Retired bool   `json:"retired,omitempty"` // no longer offered
}

// New reads the cached copy. It opens no connection. A broken cache is no error:
// it counts as none.
func New(o Options) (*Catalog, error) {
	u, err := ParseURL(o.URL)
	if err != nil {
		return nil, fmt.Errorf("read address of catalog: %w", err)
	}
	o.Channel, o.Log = cmp.Or(o.Channel, "prod"), cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Employed == nil {
		o.Employed = func(context.Context) ([]string, error) { return nil, nil }
	}
	if o.Changed == nil {
		o.Changed = func() {}
	}
	c := &Catalog{opts: o, url: u, fetch: newFetcher()}
	s, err := c.readState()
	if err != nil {
		o.Log.Warn("the cached catalog cannot be read and counts as empty", "err", err)
	}
	c.now.Store(c.load(s))
	return c, nil
}

// Channel returns which entries the catalog is limited to.
func (c *Catalog) Channel() string { return c.opts.Channel }

// Tmates returns the tmates in the cache, also those that are retired, and what
// is wrong with others. It has the form [registry.Options] wants.
func (c *Catalog) Tmates() ([]*agents.Tmate, []registry.Problem) {
	now := c.now.Load()
	return slices.Clone(now.tmates), slices.Clone(now.problems)
}

// First fetches the catalog when there is no copy of it yet. What goes wrong is
// logged.
func (c *Catalog) First(ctx context.Context) {
	if c.current(c.now.Load().state) || !c.syncing.TryLock() {
		return
	}
	defer c.syncing.Unlock()
	if c.current(c.now.Load().state) { // somebody was faster
		return
	}
	done, err := c.sync(ctx)
	switch {
	case err != nil && ctx.Err() != nil: // the server stops
	case err != nil:
		c.opts.Log.Warn("the catalog could not be fetched: sync it when it can be reached", "err", err)
	default:
		c.opts.Log.Info("the catalog was fetched", "tmates", done.Added+done.Updated+done.Unchanged, "errors", len(done.Errors))
	}
}

// current reports whether a state is a copy of the catalog that is configured.
func (c *Catalog) current(s state) bool {
	return !s.SyncedAt.IsZero() && s.URL == c.url.String() && s.Channel == c.opts.Channel
}

// readState reads the cache's index. It is empty when there is none.
func (c *Catalog) readState() (s state, err error) {
	data, err := os.ReadFile(filepath.Join(c.opts.Dir, stateName))
	if errors.Is(err, fs.ErrNotExist) {
		return state{}, nil
	}
	if err != nil {
		return state{}, fmt.Errorf("read cached index: %w", err)
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return state{}, fmt.Errorf("decode cached index: %w", err)
	}
	for _, k := range s.Entries {
		if err := k.check(); err != nil || !checksumPattern().MatchString(k.Folder) {
			return state{}, fmt.Errorf("cached entry %q: %w", k.Key, errors.Join(err, errors.New("it makes no sense")))
		}
	}
	return s, nil
}

// load reads the tmates of a state from the cache.
func (c *Catalog) load(s state) *copied {
	out := &copied{state: s}
	for _, k := range s.Entries {
		t, problems := c.loadOne(k)
		out.problems = append(out.problems, problems...)
		if t != nil {
			out.tmates = append(out.tmates, t)
		}
	}
	return out
}

// loadOne reads the tmate of an entry; nil when there are problems.
func (c *Catalog) loadOne(k kept) (*agents.Tmate, []registry.Problem) {
	where := "catalog/" + bundleFolder + "/" + k.Folder
	missing := []registry.Problem{{Key: k.Key, File: where, Text: "the cached bundle is not whole: sync the catalog"}}
	root, err := os.OpenRoot(filepath.Join(c.opts.Dir, bundleFolder, k.Folder))
	if err != nil {
		return nil, missing
	}
	defer func() { _ = root.Close() }()
	if _, err := root.Stat(readyName); err != nil {
		return nil, missing
	}
	t, problems := registry.ReadFolder(root.FS(), k.Key)
	for i := range problems {
		problems[i].File = where + "/" + problems[i].File
	}
	if len(problems) > 0 {
		return nil, problems
	}
	if err := k.describe(t); err != nil {
		return nil, []registry.Problem{{Key: k.Key, File: where, Text: err.Error()}}
	}
	return t, nil
}

// Source returns how a tmate in the cache is written. It is NotFound when there is
// none of that key. It has the form [registry.Options] wants.
func (c *Catalog) Source(key string) (agents.Source, error) {
	for _, k := range c.now.Load().state.Entries {
		if k.Key != key {
			continue
		}
		root, err := os.OpenRoot(filepath.Join(c.opts.Dir, bundleFolder, k.Folder))
		if err != nil {
			return agents.Source{}, fmt.Errorf("open cached bundle: %w", err)
		}
		defer func() { _ = root.Close() }()
		return registry.ReadSource(root.FS(), key)
	}
	return agents.Source{}, tmates.E(tmates.NotFound, "agent_not_found", nil, "Agent '%s' not found", key)
}

// describe gives a tmate that was just loaded what its entry says.
func (k kept) describe(t *agents.Tmate) error {
	// Only an entry with a list of its own takes the place of the manifest's.
	audience := k.audience()
	only, err := allowList(audience)
	if len(only) == 0 && err == nil {
		if own := t.Manifest["audience"]; own != nil {
			audience = own
		}
		only, err = allowList(audience)
	}
	if err != nil {
		return err
	}
	t.Name, t.Description = cmp.Or(k.Name, t.Name), cmp.Or(k.Description, t.Description)
	t.Icon, t.Category = cmp.Or(k.Icon, t.Icon), cmp.Or(k.Category, t.Category)
	t.Offer = &agents.Offer{
		Version: k.Version, Status: k.Status, Audience: audience, Organisations: only,
		BundleURL: k.BundleURL, BundleChecksum: k.BundleChecksum, BundleSignature: k.BundleSignature, SignatureAlgorithm: k.SignatureAlgorithm,
	}
	if k.Retired {
		t.Offer.Status = statusRetired
	}
	if k.PublishedAt != "" {
		if t.Offer.PublishedAt, err = time.Parse(time.RFC3339, k.PublishedAt); err != nil {
			return fmt.Errorf("published_at: %w", err)
		}
	}
	return nil
}
