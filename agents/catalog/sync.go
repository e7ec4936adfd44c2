package catalog

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store/tmates"
)

// Bounds of one sync.
const (
	SyncTime = 90 * time.Second // whoever asks the server waits for at most two minutes
	maxFetch = 256 << 20        // bytes of bundles
)

// Sync looks at the catalog and takes over what it offers: the index, and every
// bundle that is not in the cache. Single entries that fail are told in the
// result and keep what they had. When the index cannot be read, the error is of
// kind Unavailable and nothing changed; when another sync runs, of kind
// Conflict. One that takes longer than [SyncTime] fails, and the next goes on
// where it was.
func (c *Catalog) Sync(ctx context.Context) (agents.Synced, error) {
	if !c.syncing.TryLock() {
		return agents.Synced{}, tmates.E(tmates.Conflict, "catalog_syncing", nil, "The catalog is being synced already: try again in a moment")
	}
	defer c.syncing.Unlock()
	return c.sync(ctx)
}

// sync is Sync under the lock.
func (c *Catalog) sync(ctx context.Context) (agents.Synced, error) {
	ctx, cancel := context.WithTimeout(ctx, SyncTime)
	defer cancel()
	old, etag := c.now.Load().state, ""
	if c.current(old) && c.whole() {
		etag = old.ETag
	}
	got, err := c.fetch.read(ctx, c.url, maxIndex, etag)
	if err != nil {
		return agents.Synced{}, tmates.E(tmates.Unavailable, "catalog_unreachable", err, "The catalog's index could not be read: %s", reason(err))
	}
	var x index
	if got.same {
		x = asBefore(old)
	} else if x, err = decodeIndex(got.data, c.opts.Channel); err != nil {
		return agents.Synced{}, err
	}
	root, err := makeRoot(c.opts.Dir)
	if err != nil {
		return agents.Synced{}, fmt.Errorf("open catalog's folder: %w", err)
	}
	defer func() { _ = root.Close() }()
	employed, err := c.opts.Employed(ctx)
	if err != nil {
		return agents.Synced{}, fmt.Errorf("ask who is employed: %w", err)
	}
	s := &syncing{c: c, root: root, old: old, index: x}
	if err := s.run(ctx, employed); err != nil {
		return agents.Synced{}, err
	}
	next := state{URL: c.url.String(), Channel: c.opts.Channel, SyncedAt: c.opts.Now().UTC(), Entries: s.next}
	if len(s.index.errors) == 0 {
		next.ETag = got.etag
	}
	s.done.Errors = s.index.errors
	return s.done, c.keep(root, next)
}

// whole reports whether everything in the state could be loaded.
func (c *Catalog) whole() bool {
	now := c.now.Load()
	return len(now.tmates) == len(now.state.Entries)
}

// asBefore is the index a state was made of, as far as it was taken.
func asBefore(old state) (x index) {
	for _, k := range old.Entries {
		if !k.Retired {
			x.offers = append(x.offers, k.entry)
		}
	}
	return x
}

// keep writes a state, serves it, and forgets the bundles it does not need.
func (c *Catalog) keep(root *os.Root, next state) error {
	data, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("encode index: %w", err)
	}
	if err := replaceFile(root, stateName, data); err != nil {
		return fmt.Errorf("keep index: %w", err)
	}
	c.now.Store(c.load(next))
	c.opts.Changed()
	if err := sweep(root, next); err != nil { // the next sync tries again
		c.opts.Log.Warn("old bundles of the catalog could not be removed", "err", err)
	}
	return nil
}

// sweep removes the bundles a state does not need.
func sweep(root *os.Root, s state) error {
	entries, err := fs.ReadDir(root.FS(), bundleFolder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("list bundles: %w", err)
	}
	for _, e := range entries {
		if slices.ContainsFunc(s.Entries, func(k kept) bool { return k.Folder == e.Name() }) {
			continue
		}
		if err := root.RemoveAll(bundleFolder + "/" + e.Name()); err != nil {
			return fmt.Errorf("remove bundle: %w", err)
		}
	}
	return nil
}

// syncing is one sync under way.
type syncing struct {
	c       *Catalog
	root    *os.Root
	old     state
	index   index
	next    []kept
	done    agents.Synced
	fetched int64
}

// run decides about every entry. The error ends the sync.
func (s *syncing) run(ctx context.Context, employed []string) error {
	offered := map[string]bool{}
	for _, e := range s.index.offers {
		offered[e.Key] = true
		if err := s.take(ctx, e); err != nil {
			return err
		}
	}
	for _, k := range s.old.Entries {
		switch {
		case offered[k.Key]:
		case s.index.faulty[k.Key] && !k.Retired, s.index.doubt && !k.Retired: // perhaps it is still offered
			s.next = append(s.next, k)
			s.done.Unchanged++
		default:
			if !k.Retired {
				s.done.Removed++
			}
			if k.Retired = true; slices.Contains(employed, k.Key) {
				s.next = append(s.next, k)
			}
		}
	}
	slices.SortFunc(s.next, func(a, b kept) int { return strings.Compare(a.Key, b.Key) })
	return nil
}

// take takes over one entry on offer.
func (s *syncing) take(ctx context.Context, e entry) error {
	var had *kept
	if i := slices.IndexFunc(s.old.Entries, func(k kept) bool { return k.Key == e.Key }); i >= 0 {
		had = &s.old.Entries[i]
	}
	if had != nil && !had.Retired && s.index.faulty[e.Key] { // what replaces it may be the entry nobody can read
		s.next = append(s.next, *had)
		s.done.Unchanged++
		return nil
	}
	k, err := s.place(ctx, e)
	if err != nil {
		if ctx.Err() != nil {
			return tmates.E(tmates.Unavailable, "catalog_unreachable", context.Cause(ctx), "The catalog took too long, or nobody waited for it")
		}
		s.index.report(e.Key + " " + e.Version + ": " + explain(err))
		s.c.opts.Log.Debug("entry of the catalog", "tmate", e.Key, "err", err)
		if had != nil {
			s.next = append(s.next, *had)
			if !had.Retired {
				s.done.Unchanged++
			}
		}
		return nil
	}
	s.next = append(s.next, k)
	switch {
	case had == nil || had.Retired:
		s.done.Added++
	case equal(*had, k):
		s.done.Unchanged++
	default:
		s.done.Updated++
	}
	return nil
}

// explain is what people are told of an entry that failed.
func explain(err error) string {
	if e, ok := errors.AsType[*tmates.Error](err); ok {
		return e.Msg
	}
	if f, ok := errors.AsType[fault](err); ok {
		return "The bundle could not be fetched: " + f.why
	}
	return "it could not be kept on the disk"
}

// equal reports whether two entries say the same about the same bundle.
func equal(a, b kept) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// place makes sure that the tmate of an entry is in the cache and can be loaded.
func (s *syncing) place(ctx context.Context, e entry) (kept, error) {
	k := kept{entry: e}
	if e.BundleURL == "" {
		b, err := e.manifestOnly()
		if err != nil {
			return k, err
		}
		k.Folder = Checksum(append([]byte(e.Key+"\n"), b.files[0].data...)) // two keys may share a manifest
		return k, s.cache(k, func() (*Bundle, error) { return b, nil })
	}
	k.Folder = e.BundleChecksum
	return k, s.cache(k, func() (*Bundle, error) { return s.download(ctx, e) })
}

// manifestOnly makes a bundle of the manifest in an entry. What the manifest
// does not say, the entry does.
func (e entry) manifestOnly() (*Bundle, error) {
	var manifest map[string]json.RawMessage
	if err := json.Unmarshal(e.Manifest, &manifest); err != nil {
		return nil, refused("manifest must be an object")
	}
	for name, value := range map[string]string{
		"name": e.Name, "description": e.Description, "icon": e.Icon, "category": e.Category, "version": e.Version,
	} {
		if old := manifest[name]; value == "" || old != nil && string(old) != "null" {
			continue
		}
		raw, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("encode manifest: %w", err)
		}
		manifest[name] = raw
	}
	data, err := json.Marshal(manifest) // JSON is YAML
	if err != nil {
		return nil, fmt.Errorf("encode manifest: %w", err)
	}
	return &Bundle{Key: e.Key, files: []file{{"manifest.yaml", data}}}, nil
}

// download fetches and reads the bundle of an entry.
func (s *syncing) download(ctx context.Context, e entry) (*Bundle, error) {
	u, err := resolve(s.c.url, e.BundleURL)
	if err != nil {
		return nil, refused("%s", err)
	}
	if s.fetched >= maxFetch {
		return nil, fault{why: "enough was fetched for one time; the next sync goes on"}
	}
	return s.bundle(ctx, u, e)
}

func (s *syncing) bundle(ctx context.Context, u *url.URL, e entry) (*Bundle, error) {
	got, err := s.c.fetch.read(ctx, u, maxBundle, "")
	if err != nil {
		return nil, err
	}
	s.fetched += int64(len(got.data))
	if err := CheckSum(got.data, e.BundleChecksum); err != nil {
		return nil, err
	}
	b, err := Read(got.data)
	if err == nil && b.Key != e.Key {
		err = refused("its folder is %s, not %s", quote(b.Key), quote(e.Key))
	}
	if err == nil && len(b.Skipped) > 0 {
		s.c.opts.Log.Info("a bundle has files that are not used", "tmate", e.Key, "files", len(b.Skipped))
	}
	return b, err
}

// cache unpacks a bundle into the cache unless it is there, and loads it from
// there. What cannot be loaded leaves nothing.
func (s *syncing) cache(k kept, bundle func() (*Bundle, error)) error {
	if t, _ := s.c.loadOne(k); t != nil {
		return nil
	}
	b, err := bundle()
	if err != nil {
		return err
	}
	if err := s.root.MkdirAll(bundleFolder, 0o700); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	fresh := bundleFolder + "/.new-" + rand.Text()
	if err := s.root.Mkdir(fresh, 0o700); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	defer func() { _ = s.root.RemoveAll(fresh) }()
	t, err := b.unpack(s.root, fresh)
	if err != nil {
		return err
	}
	if err := k.describe(t); err != nil {
		return refused("%s", err)
	}
	if err := writeFile(s.root, fresh+"/"+readyName, nil); err != nil {
		return err
	}
	if err := syncFolder(s.root, fresh); err != nil {
		return err
	}
	final := bundleFolder + "/" + k.Folder
	if err := s.root.RemoveAll(final); err != nil { // one that is not whole
		return fmt.Errorf("remove broken bundle: %w", err)
	}
	if err := s.root.Rename(fresh, final); err != nil {
		return fmt.Errorf("keep bundle: %w", err)
	}
	return syncFolder(s.root, bundleFolder)
}
